import type { DynamicModule, Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ReactionsModule } from '@ringfence/cqrs/reactions.module';
import { HEALTH, METRICS_TEXT } from '@ringfence/http/edge/ports';
import { OperationsModule } from '@ringfence/http/operations/operations.module';
import { createHttpServer } from '@ringfence/http/server';
import { topicPrefixDefault } from '@ringfence/wire/topics';
import type { Needs } from '../server-process.js';
import { nestLogger } from '../telemetry/log.js';
import { logThrottle } from '../telemetry/log-throttle.js';

type ServerNeeds = Needs<
  'clock' | 'config' | 'feed' | 'health' | 'log' | 'metrics' | 'requestTracing' | 'startPosition' | 'timers' | 'vault'
>;

/** The root module of Nest. */
class RootModule {}

/** Creates the HTTP server of a process without a gateway, for health and metrics; it does not listen yet. */
export function createOperationsServer(process: ServerNeeds): Promise<NestFastifyApplication> {
  return createServer(process, OperationsModule.with(operationsPorts(process)));
}

/** Creates the HTTP server with the modules of every process; it does not listen yet. */
export function createServer(process: ServerNeeds, http: DynamicModule): Promise<NestFastifyApplication> {
  const { config, health, log, metrics, requestTracing } = process;
  return createHttpServer({
    module: { module: RootModule, imports: [http, reactionsOf(process)] },
    trustedProxies: config.trustedProxies,
    proxyHeader: config.proxyHeader,
    metrics: metrics.edge,
    tracing: requestTracing,
    onFault: (fault, route) => {
      log.event('request_failed', { route, err: fault });
    },
    isLeaving: () => health.isStopping,
    logger: nestLogger(log.lines),
    topicPrefix: config.kafka?.topicPrefix ?? topicPrefixDefault,
  });
}

export function operationsPorts({ health, metrics }: Needs<'health' | 'metrics'>): Provider[] {
  return [
    { provide: HEALTH, useValue: health },
    { provide: METRICS_TEXT, useValue: metrics },
  ];
}

/** The sagas of every process, fed from the log. */
function reactionsOf({ feed, startPosition, clock, timers, vault, log }: ServerNeeds): DynamicModule {
  const shouldLog = logThrottle(clock);
  const onFailure = (failure: unknown) => {
    if (shouldLog(failure)) log.event('reactions_follow_error', { err: failure });
  };
  return ReactionsModule.on({ source: feed, from: startPosition, clock, timers, onFailure }, vault);
}
