import { type InventoryEvent, releaseReasons } from '@ringfence/domain/inventory/inventory.events';
import { modes } from '@ringfence/domain/shared/values';
import type { ContextCatalogue } from './context-catalogue.js';
import { aboutNumber, allocatedNumber } from './numbers.js';
import { id, moment, oneOf } from './shape.js';

export const inventoryCatalogue: ContextCatalogue<InventoryEvent> = {
  NumberAdded: {
    name: 'inventory.number_added',
    version: 1,
    fields: { ...allocatedNumber, addedAtMs: moment },
    facts: aboutNumber,
  },
  NumberReleased: {
    name: 'inventory.number_released',
    version: 1,
    fields: {
      numberId: id('vn'),
      accountId: id('acc'),
      mode: oneOf(modes),
      reason: oneOf(releaseReasons),
      releasedAtMs: moment,
    },
    facts: aboutNumber,
  },
};
