import { boolean, idText } from '../../field-rule.js';
import { required } from '../command-field.js';
import { type PlainResult, textIn } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const muteLeg = {
  name: 'mute_leg',
  commandType: 'MuteLeg',
  fields: {
    call_id: required(idText('cs'), 'The call.'),
    leg_id: required(idText('cl'), 'The leg whose party is muted, or heard again.', {
      example: 'cl_01K9ZQ3V8N5X6T2R7M4W1B0C9D',
    }),
    on: required(boolean, 'true: nothing of what the party says is heard on the call; false: it is heard again.', {
      example: true,
    }),
  },
  example: { leg_id: 'cl_01K9ZQ3V8N5X6T2R7M4W1B0C9D', on: true },
  answersSecret: false,
  route: { method: 'POST', path: '/voice/calls/:call_id/mute' },
  result: ({ ids }: PlainResult): { readonly requestId: string } => ({ requestId: textIn(ids, 'request_id') }),
} as const satisfies PublicCommand;
