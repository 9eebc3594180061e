import type { ContextRoutes } from '../edge/context-routes.js';
import { AddNumberController } from './add-number.js';
import { ListInventoryController } from './list-inventory.js';

export const inventoryRoutes: ContextRoutes = {
  controllers: [AddNumberController, ListInventoryController],
  providers: [],
};
