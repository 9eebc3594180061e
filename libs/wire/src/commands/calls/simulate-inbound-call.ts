import { e164Number, wholeNumber } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { type PlainResult, textIn } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const simulateInboundCall = {
  name: 'simulate_inbound_call',
  commandType: 'SimulateInboundCall',
  fields: {
    from_number: personal(required(e164Number, 'The number of the caller.', { example: '+15005550100' })),
    to_number: personal(
      required(e164Number, 'The number that is rung: a test number of the account.', { example: '+15005550199' }),
    ),
    gives_up_after_ms: optional(
      wholeNumber(0, 60_000),
      'Simulated time after which the caller gives up if nobody answers; 0: at once. Omitted: 30000.',
    ),
    hangs_up_after_ms: optional(
      wholeNumber(1, 14_400_000),
      'Simulated talk time after which the caller hangs up. Omitted: 30000.',
    ),
  },
  example: { from_number: '+15005550100', to_number: '+15005550199' },
  answersSecret: false,
  route: { method: 'POST', path: '/voice/sandbox/inbound-calls' },
  result: ({ ids }: PlainResult): { readonly callId: string } => ({ callId: textIn(ids, 'call_id') }),
} as const satisfies PublicCommand;
