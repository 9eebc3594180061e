import type { ContextRoutes } from '../edge/context-routes.js';
import { ShowRateController } from './show-rate.js';

export const rateRoutes: ContextRoutes = {
  controllers: [ShowRateController],
  providers: [],
};
