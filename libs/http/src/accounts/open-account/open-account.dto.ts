import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.open_account;

export class OpenAccountBody {
  @BodyField(fields.name, {
    says: 'The name of whoever pays; kept as a personal value.',
    example: 'Example GmbH',
  })
  name!: string;

  @BodyField(fields.currency, { says: 'ISO 4217, of a rate deck that is in force; never changes.', example: 'USD' })
  currency!: string;

  @BodyField(fields.region, { says: 'Where its data lives; never changes. Default: eu.', example: 'eu' })
  region?: string | null;

  @BodyField(fields.time_zone, {
    says: 'IANA zone of its day boundaries, by its area (Europe/Berlin), or UTC. Default: UTC.',
    example: 'Europe/Berlin',
  })
  time_zone?: string | null;
}
