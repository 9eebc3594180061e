import type { ContextRoutes } from '../edge/context-routes.js';
import { ShowRateCountersController } from './show-rate-counters.js';
import { ShowUsageController } from './show-usage.js';

export const usageRoutes: ContextRoutes = {
  controllers: [ShowUsageController, ShowRateCountersController],
  providers: [],
};
