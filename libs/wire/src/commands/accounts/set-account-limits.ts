import { burstCallsMax, callsPerSecondMax, linesMaxMax } from '@ringfence/domain/limits/account-limits';
import { modes } from '@ringfence/domain/shared/values';
import { amountMicros, choice, wholeNumber } from '../../field-rule.js';
import { optional, required } from '../command-field.js';
import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

/** Definition of the command; fields that are left out stay as they are. */
export const setAccountLimits = {
  name: 'set_account_limits',
  commandType: 'SetAccountLimits',
  fields: {
    mode: required(choice(modes), 'Whose calls they bound.'),
    lines_max: optional(wholeNumber(0, linesMaxMax), 'Calls at the same time, of all keys of the mode together.', {
      example: 500,
    }),
    calls_per_second: optional(
      wholeNumber(1, callsPerSecondMax),
      'New calls a second in the long run, of all keys of the mode together.',
    ),
    burst_calls: optional(
      wholeNumber(1, burstCallsMax),
      'Calls that may come at once after a rest; as `calls_per_second` where that alone is given.',
    ),
    daily_spend_micros_max: optional(
      amountMicros,
      'Money that calls may cost in one local day of the account, reservations included; null: no limit but the balance.',
    ),
  },
  example: { mode: 'test', lines_max: 500 },
  answersSecret: false,
  route: { method: 'PATCH', path: '/accounts/:subject/limits' },
  result: ofAccount,
} as const satisfies PublicCommand;
