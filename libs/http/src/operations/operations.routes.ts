import type { ContextRoutes } from '../edge/context-routes.js';
import { ShowHealthController } from './show-health.js';
import { ShowIndexController } from './show-index.js';
import { ShowMetricsController } from './show-metrics.js';

export const operationsRoutes: ContextRoutes = {
  controllers: [ShowIndexController, ShowHealthController, ShowMetricsController],
  providers: [],
};
