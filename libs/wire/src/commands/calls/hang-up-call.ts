import { idText, singleLine } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { type PlainResult, textIn, warningsIn, type WithWarnings } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const hangUpCall = {
  name: 'hang_up_call',
  commandType: 'HangUpCall',
  fields: {
    call_id: required(idText('cs'), 'The call.'),
    leg_id: optional(idText('cl'), 'The leg to hang up; without it the whole call ends.'),
    reason: personal(
      optional(
        singleLine(255),
        'Accepted for clients of the Teler API and not kept in this release: `warnings` says so.',
      ),
    ),
  },
  example: {},
  answersSecret: false,
  route: { method: 'POST', path: '/voice/calls/:call_id/hangup' },
  result: ({ ids }: PlainResult): { readonly requestId: string } & WithWarnings => ({
    requestId: textIn(ids, 'request_id'),
    warnings: warningsIn(ids),
  }),
} as const satisfies PublicCommand;
