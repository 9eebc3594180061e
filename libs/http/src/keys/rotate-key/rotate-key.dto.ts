import { WholeNumber } from '../../edge/fields.js';

export const overlapSecondsMax = 2_592_000;
export const overlapSecondsDefault = 3_600;

export class RotateKeyBody {
  @WholeNumber({
    says: 'How long the old secret stays good; never beyond the key’s own expiry. 0: not at all.',
    least: 0,
    most: overlapSecondsMax,
    otherwise: overlapSecondsDefault,
  })
  overlap_seconds?: number | null;
}
