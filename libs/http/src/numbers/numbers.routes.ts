import type { ContextRoutes } from '../edge/context-routes.js';
import { ListNumberRangesController } from './list-number-ranges.js';
import { OpenNumberRangeController } from './open-number-range.js';
import { ShowNumberController } from './show-number.js';

export const numberRoutes: ContextRoutes = {
  controllers: [ShowNumberController, OpenNumberRangeController, ListNumberRangesController],
  providers: [],
};
