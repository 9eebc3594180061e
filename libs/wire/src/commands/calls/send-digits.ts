import { idText, singleLine, wholeNumber } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { type PlainResult, textIn } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

const digitsMax = 64;

export const sendDigits = {
  name: 'send_digits',
  commandType: 'SendDigits',
  fields: {
    call_id: required(idText('cs'), 'The call.'),
    digits: personal(
      required(
        singleLine(digitsMax, /^[0-9A-D*#]+$/),
        'The digits to send as tones. They are kept nowhere, not even encrypted: the events of the call say how many there were.',
        { example: '1234#' },
      ),
    ),
    leg_id: optional(idText('cl'), 'The leg whose party receives them; without it the first leg of the call.'),
    duration_ms: optional(wholeNumber(40, 2_000), 'Length of each tone, in milliseconds.', { default: 100 }),
  },
  example: { digits: '1234#' },
  answersSecret: false,
  route: { method: 'POST', path: '/voice/calls/:call_id/dtmf' },
  result: ({ ids }: PlainResult): { readonly requestId: string } => ({ requestId: textIn(ids, 'request_id') }),
} as const satisfies PublicCommand;
