import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { READ_DATABASE } from '@ringfence/read-models/read-models.module';
import { DeliveredEventQueries } from '@ringfence/read-models/webhooks/delivered-events.queries';
import type { ContextRoutes } from '../edge/context-routes.js';
import { EventReader } from './event-reader.js';
import { ListAttemptsController } from './list-attempts.js';
import { ListEventsController } from './list-events.js';
import { RedeliverEventController } from './redeliver-event.js';
import { ShowEventController } from './show-event.js';

export const eventRoutes: ContextRoutes = {
  controllers: [ListEventsController, ShowEventController, ListAttemptsController, RedeliverEventController],
  providers: [
    EventReader,
    // A write: it is no query of the QueryBus.
    {
      provide: DeliveredEventQueries,
      useFactory: (db: SqlTransaction) => new DeliveredEventQueries(db),
      inject: [READ_DATABASE],
    },
  ],
};
