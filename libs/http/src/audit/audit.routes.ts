import type { ContextRoutes } from '../edge/context-routes.js';
import { ListEventsController } from './list-events.js';

export const auditRoutes: ContextRoutes = {
  controllers: [ListEventsController],
  providers: [],
};
