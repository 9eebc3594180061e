import type { NumberKind } from '@ringfence/domain/limits/numbering-plan';
import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.open_number_range;

export class OpenNumberRangeBody {
  @BodyField(fields.prefix, { says: 'What its numbers begin with: digits without +.', example: '1565' })
  prefix!: string;

  @BodyField(fields.territory, {
    says: 'ISO 3166-1 alpha-2; null: its numbers belong to no territory.',
    example: 'US',
  })
  territory?: string | null;

  @BodyField(fields.kind, { says: 'What its numbers are for.', example: 'fixed_line_or_mobile' })
  kind!: Exclude<NumberKind, 'sandbox'>;

  @BodyField(fields.effective_from, { says: 'A moment to come; null: from now on.' })
  effective_from?: string | null;

  @BodyField(fields.effective_until, { says: 'When it ends; null: it does not.' })
  effective_until?: string | null;
}
