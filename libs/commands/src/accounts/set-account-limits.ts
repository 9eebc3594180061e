import { modes } from '@ringfence/domain/shared/values';
import { count, flag, microsAmount, nullable, oneOf } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const setAccountLimits = defineCommand<'SetAccountLimits'>({
  name: 'set_account_limits',
  version: 1,
  fields: {
    ...accountFields,
    mode: oneOf(modes),
    callsPerSecond: nullable(count),
    burstCalls: nullable(count),
    linesMax: nullable(count),
    dailySpendMicrosMax: nullable(microsAmount),
    dailySpendUnlimited: flag,
  },
  allowedWhileDraining: false,
});
