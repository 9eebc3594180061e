import { wholeNumber } from '../../field-rule.js';
import { optional } from '../command-field.js';
import { withSecret } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { keyNamed } from './key-fields.js';

const overlapSecondsMax = 2_592_000;
export const overlapSecondsDefault = 3_600;

export const rotateKey = {
  name: 'rotate_key',
  commandType: 'RotateKey',
  fields: {
    ...keyNamed,
    overlap_seconds: optional(
      wholeNumber(0, overlapSecondsMax),
      'How long the old secret stays good; never beyond the key’s own expiry. 0: not at all.',
      { default: overlapSecondsDefault },
    ),
  },
  example: { overlap_seconds: 3600 },
  answersSecret: true,
  route: { method: 'POST', path: '/keys/:key_id/rotate' },
  result: withSecret,
} as const satisfies PublicCommand;
