import { overlapSecondsDefault, publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.rotate_key;

export class RotateKeyBody {
  @BodyField(fields.overlap_seconds, {
    says: 'How long the old secret stays good; never beyond the key’s own expiry. 0: not at all.',
    otherwise: overlapSecondsDefault,
  })
  overlap_seconds?: number | null;
}
