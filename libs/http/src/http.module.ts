import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CommandsModule } from '@ringfence/cqrs/commands.module';
import type { Timers } from '@ringfence/kernel/timers';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { ReadModelsModule } from '@ringfence/read-models/read-models.module';
import { accountRoutes } from './accounts/accounts.routes.js';
import { appRoutes } from './apps/apps.routes.js';
import { auditRoutes } from './audit/audit.routes.js';
import { callRoutes } from './calls/calls.routes.js';
import { AccessGuard } from './edge/access.js';
import { CommandBounds } from './edge/command-bounds.js';
import type { ContextRoutes } from './edge/context-routes.js';
import { API_SCHEMAS, CsvLists } from './edge/csv-lists.js';
import { DecidedEvents } from './edge/decided-events.js';
import { NamedLists } from './edge/named-lists.js';
import { NamePages } from './edge/name-pages.js';
import { Ports } from './edge/ports.module.js';
import { RateLimitHeaders } from './edge/rate-limit-headers.js';
import { ReadBounds } from './edge/read-bounds.js';
import { PersonalValues, ReadGate } from './edge/reading.js';
import { CommandSubmission } from './edge/submission.js';
import { keyRoutes } from './keys/keys.routes.js';
import { listenerRoutes } from './listeners/listeners.routes.js';
import { ledgerRoutes } from './ledger/ledger.routes.js';
import { inventoryRoutes } from './inventory/inventory.routes.js';
import { numberRoutes } from './numbers/numbers.routes.js';
import { eventRoutes } from './events/events.routes.js';
import { componentSchemas } from './openapi/component-schemas.js';
import { operationsRoutes } from './operations/operations.routes.js';
import { rateRoutes } from './rates/rates.routes.js';
import { trunkRoutes } from './trunks/trunks.routes.js';
import { twilioRoutes } from './twilio/twilio.routes.js';
import { usageRoutes } from './usage/usage.routes.js';
import { webhookRoutes } from './webhooks/webhooks.routes.js';

/** Routes of the API; they need every port of edge/ports.ts and those of the application. */
export const apiRoutes: readonly ContextRoutes[] = [
  callRoutes,
  accountRoutes,
  keyRoutes,
  usageRoutes,
  ledgerRoutes,
  auditRoutes,
  numberRoutes,
  inventoryRoutes,
  rateRoutes,
  webhookRoutes,
  eventRoutes,
  listenerRoutes,
  appRoutes,
  trunkRoutes,
];

/** Routes of another API over the same commands and queries, with its own description. */
const doorways: readonly ContextRoutes[] = [twilioRoutes];

const edge: readonly Provider[] = [
  AccessGuard,
  { provide: ReadBounds, useFactory: () => new ReadBounds(systemTimers) },
  CommandSubmission,
  DecidedEvents,
  RateLimitHeaders,
  ReadGate,
  PersonalValues,
  NamePages,
  NamedLists,
  CsvLists,
  { provide: API_SCHEMAS, useValue: componentSchemas },
];

@Module({})
export class HttpModule {
  /**
   * The API.
   * @param ports the adapters behind the edge
   * @param timers measure the pace at which commands are answered
   */
  static withApi(ports: readonly Provider[], timers: Timers = systemTimers): DynamicModule {
    return {
      module: HttpModule,
      imports: [Ports.with(ports), CommandsModule, ReadModelsModule],
      controllers: [operationsRoutes, ...apiRoutes, ...doorways].flatMap(({ controllers }) => controllers),
      providers: [
        { provide: CommandBounds, useFactory: () => new CommandBounds(timers) },
        ...edge,
        ...[...apiRoutes, ...doorways].flatMap(({ providers }) => providers),
      ],
    };
  }
}
