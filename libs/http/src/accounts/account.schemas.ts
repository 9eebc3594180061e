import { suspensionReasons } from '@ringfence/domain/accounts/account.events';
import { modes } from '@ringfence/domain/shared/values';
import {
  amount,
  amountOrNull,
  id,
  listOf,
  moment,
  momentOrNull,
  type NamedSchemas,
  object,
  oneOf,
  oneOfOrNull,
  page,
  positionToken,
  ref,
  text,
  textOrNull,
  whole,
} from '../edge/json-schema.js';

const bounds = {
  lines_max: whole,
  calls_per_second: whole,
  burst_calls: whole,
  daily_spend_micros_max: amountOrNull,
};
const limits = {
  mode: oneOf(modes),
  ...bounds,
  approved: object(bounds, 'The most that the account’s own keys may set: what an operator has set last.'),
};

const zoneChange = { time_zone: text, effective_from: moment, first_day: text };

export const accountSchemas: NamedSchemas = {
  AccountOpened: object({
    id: id('acc'),
    name: text,
    currency: text,
    region: text,
    time_zone: text,
    status: { const: 'unverified' },
    position: positionToken,
  }),
  AccountVerified: object({ id: id('acc'), position: positionToken }),
  AccountSuspended: object({ id: id('acc'), reason: oneOf(suspensionReasons), position: positionToken }),
  AccountResumed: object({ id: id('acc'), position: positionToken }),
  AccountTimeZoneChanged: object({ id: id('acc'), ...zoneChange, position: positionToken }),
  AccountLimitsSet: object({ id: id('acc'), ...limits, position: positionToken }),
  CreditAdded: object({
    id: id('acc'),
    mode: oneOf(modes),
    amount_micros: amount,
    reference: textOrNull,
    position: positionToken,
  }),
  SubjectErased: object({ account_id: id('acc'), subject_id: id('sub'), position: positionToken }),
  Account: object({
    id: id('acc'),
    name: textOrNull,
    currency: text,
    region: text,
    time_zone: text,
    time_zone_change: {
      description: 'The zone that is to come; null: none is.',
      anyOf: [object(zoneChange), { type: 'null' }],
    },
    status: oneOf(['unverified', 'active', 'suspended']),
    suspension_reason: oneOfOrNull(suspensionReasons),
    opened_at: moment,
    verified_at: momentOrNull,
    suspended_at: momentOrNull,
    limits: listOf(object(limits, 'What holds for all keys of the mode together.')),
    erased: listOf({ const: 'name' }),
  }),
  AccountList: page(ref('Account')),
};
