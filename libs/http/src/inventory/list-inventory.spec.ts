import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ListInventoryController } from './list-inventory.js';

describe('listing the inventory', () => {
  const itAnswers = problemsOf(ListInventoryController);

  itAnswers('cursor_invalid', 'for a cursor that no answer gave', (world) =>
    world.get('inventory/numbers?cursor_after=abc'),
  );
});
