import { suspensionReasons } from '@ringfence/domain/accounts/account.events';
import { modes } from '@ringfence/domain/platform/values';
import {
  amount,
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
} from '../openapi/json-schema.js';

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
    status: oneOf(['unverified', 'active', 'suspended']),
    suspension_reason: oneOfOrNull(suspensionReasons),
    opened_at: moment,
    verified_at: momentOrNull,
    suspended_at: momentOrNull,
    erased: listOf({ const: 'name' }),
  }),
  AccountList: page(ref('Account')),
};
