import { releaseReasons } from '@ringfence/domain/inventory/inventory.events';
import { modes } from '@ringfence/domain/shared/values';
import { allocationStates } from '@ringfence/read-models/numbers/number.queries';
import {
  id,
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
} from '../edge/json-schema.js';

export const inventorySchemas: NamedSchemas = {
  NumberAdded: object({
    id: id('vn'),
    number: text,
    account_id: id('acc'),
    name: textOrNull,
    locality: textOrNull,
    position: positionToken,
  }),
  InventoryNumber: object({
    id: id('vn'),
    account_id: id('acc'),
    number: textOrNull,
    mode: oneOf(modes),
    location: ref('NumberLocation'),
    state: {
      ...oneOf(allocationStates),
      description:
        'On its way to the account; with the account; on its way back; over. Another account can get the number when it is `released`.',
    },
    added_at: moment,
    received_at: momentOrNull,
    withdrawn_at: momentOrNull,
    released_at: momentOrNull,
    release_reason: oneOfOrNull(releaseReasons),
  }),
  InventoryList: page(ref('InventoryNumber')),
};
