import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CallOwners } from './calls/call-owners.js';
import { HangUpCallController } from './calls/hang-up-call/hang-up-call.controller.js';
import { PlaceCallController } from './calls/place-call/place-call.controller.js';
import { AccessGuard } from './edge/access.js';
import { RateLimitHeaders } from './edge/rate-limit-headers.js';
import { CommandSubmission } from './edge/submission.js';
import { HealthController } from './operations/health.controller.js';
import { MetricsController } from './operations/metrics.controller.js';

/** Routes of the API; they need every port of edge/ports.ts and those of the application. */
export const apiControllers = [PlaceCallController, HangUpCallController];
/** Routes that every role serves: they need HEALTH and METRICS_TEXT. */
export const operationsControllers = [HealthController, MetricsController];

@Module({})
export class HttpModule {
  /** @param ports what the roles put behind the edge */
  static withApi(ports: readonly Provider[]): DynamicModule {
    return {
      module: HttpModule,
      controllers: [...operationsControllers, ...apiControllers],
      providers: [...ports, AccessGuard, CommandSubmission, RateLimitHeaders, CallOwners],
    };
  }

  /** For a process that is not a gateway: health and metrics alone. */
  static operationsOnly(ports: readonly Provider[]): DynamicModule {
    return { module: HttpModule, controllers: operationsControllers, providers: [...ports] };
  }
}
