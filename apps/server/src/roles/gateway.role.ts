import type { DynamicModule, Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRegistryFeed } from '@ringfence/auth/key-registry-feed';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { COMMAND_DISPATCHER, type CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { PlatformView } from '@ringfence/lanes/platform-view';
import { SUBJECT_VAULT } from '@ringfence/ports/vault/subject-vault';
import { REQUEST_BUILDERS } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { ReactionsModule } from '@ringfence/cqrs/reactions.module';
import {
  CLOCK,
  COMMAND_TOPICS,
  type CommandTopics,
  EDGE_METRICS,
  EVENT_STORE,
  HEALTH,
  ID_SOURCE,
  LOG_NAME,
  METRICS_TEXT,
} from '@ringfence/http/edge/ports';
import type { RequestTracing } from '@ringfence/http/edge/request-tracing';
import { HttpModule } from '@ringfence/http/http.module';
import { createHttpServer } from '@ringfence/http/server';
import type { EventSource } from '@ringfence/projections/event-source';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { KeyQueries } from '@ringfence/read-models/keys/key.queries';
import { CALENDAR, READ_DATABASE } from '@ringfence/read-models/read-models.module';
import { nestLogger } from '../telemetry/log.js';
import { logThrottle } from '../telemetry/log-throttle.js';
import type { ClientCommands } from './client-commands.js';
import type { Cluster } from './cluster.js';
import type { Foundation } from './foundation.js';
import type { PlatformHealth } from './health.js';
import { checkPeppers } from './pepper-check.js';

/** What the API stands on, beside the foundation. */
export type Api = {
  readonly dispatcher: CommandDispatcher;
  readonly client: ClientCommands;
  /** null: commands stay in this process */
  readonly cluster: Cluster | null;
  readonly turnedAway: RejectedRequestCounter;
};

export type Registry = { readonly registry: KeyRegistry; readonly stop: () => Promise<void> };

/** The keys in memory: what the read model holds, and from there on the log. @throws Failure `pepper_in_use` */
export async function startRegistry(foundation: Foundation, source: EventSource): Promise<Registry> {
  const { store, db, hasher, clock, log } = foundation;
  const registry = new KeyRegistry(hasher, () => store.head());
  const known = await new KeyQueries(db).registryRows();
  if (known !== undefined) registry.loadFrom(known.rows, known.next, known.accountRates);
  await checkPeppers(registry, foundation);
  const following = new AbortController();
  const shouldLog = logThrottle(clock);
  const followed = new KeyRegistryFeed(registry, source, clock, (failure) => {
    if (shouldLog(failure))
      log.error({ err: failure }, 'the key registry cannot follow the log; nobody is let in while it is behind');
  }).run(following.signal);
  return {
    registry,
    stop: async () => {
      following.abort();
      await followed;
    },
  };
}

/** Tells the log of what the gateway turns away by itself. */
export function startRejectionReporter(foundation: Foundation, dispatcher: CommandDispatcher): RejectedRequestCounter {
  const { ids, clock, timers, owner, metrics, log } = foundation;
  const shouldLog = logThrottle(clock);
  return new RejectedRequestCounter({
    dispatcher,
    ids,
    clock,
    timers,
    workerId: `gateway:${owner}`,
    onUnreported: ({ presentedKeyId, code, count, why }) => {
      metrics.rejectionReportsDropped(code, count);
      if (shouldLog(why))
        log.warn(
          { ...(typeof why === 'string' ? { why } : { err: why }), presentedKeyId, code, count },
          'the log could not be told of what was turned away',
        );
    },
  });
}

/** The HTTP interface; it listens when told to. @param api null: a process that is no gateway shows its health and metrics alone */
export async function createGateway(
  foundation: Foundation,
  health: PlatformHealth,
  tracing: RequestTracing | null,
  api: Api | null,
): Promise<NestFastifyApplication> {
  const { log, metrics, config } = foundation;
  const shown: Provider[] = [
    { provide: HEALTH, useValue: health },
    { provide: METRICS_TEXT, useValue: metrics },
  ];
  const http =
    api === null ? HttpModule.operationsOnly(shown) : HttpModule.withApi([...shown, ...apiPorts(foundation, api)]);
  return createHttpServer({
    module: { module: RootModule, imports: [http, reactionsOf(foundation)] },
    trustedProxies: config.trustedProxies,
    proxyHeader: config.proxyHeader,
    metrics: metrics.edge,
    tracing,
    onFault: (fault, route) => {
      log.error({ route, err: fault }, 'a request could not be answered');
    },
    isLeaving: () => health.isStopping,
    logger: nestLogger(log),
    ...(config.kafka === null ? {} : { topicPrefix: config.kafka.topicPrefix }),
  });
}

/** All that Nest runs in a process. */
class RootModule {}

/** What a process does by itself when it hears of an event, whatever roles it plays. */
function reactionsOf({ feed, startPosition, clock, timers, vault, log }: Foundation): DynamicModule {
  const shouldLog = logThrottle(clock);
  const onFailure = (failure: unknown) => {
    if (shouldLog(failure)) log.warn({ err: failure }, 'reactions do not hear of what is written to the log');
  };
  return ReactionsModule.on({ source: feed, from: startPosition, clock, timers, onFailure }, vault);
}

/** The one place that says which adapter stands behind which port of the HTTP edge. */
function apiPorts(foundation: Foundation, { dispatcher, client, cluster, turnedAway }: Api): Provider[] {
  const { vault, answers, clock, ids, metrics, openedLog, progress } = foundation;
  const { registry, identity, keys, requests } = client;
  const commandTopics: CommandTopics | null =
    cluster === null
      ? null
      : { encryption: cluster.commandKeys.jwks, topics: cluster.topics, partitions: openedLog.laneCount };
  return [
    { provide: CLOCK, useValue: clock },
    { provide: ID_SOURCE, useValue: ids },
    { provide: EDGE_METRICS, useValue: metrics.edge },
    { provide: EVENT_STORE, useValue: answers.store },
    { provide: LOG_NAME, useValue: openedLog },
    { provide: COMMAND_DISPATCHER, useValue: dispatcher },
    { provide: SUBJECT_VAULT, useValue: vault },
    { provide: KeyRegistry, useValue: registry },
    { provide: RejectedRequestCounter, useValue: turnedAway },
    { provide: KeyFinder, useValue: keys },
    { provide: REQUEST_BUILDERS, useValue: requests },
    { provide: COMMAND_TOPICS, useValue: commandTopics },
    { provide: RequestIdentity, useValue: identity },
    { provide: ProjectionProgress, useValue: progress },
    { provide: READ_DATABASE, useValue: answers.db },
    { provide: CALENDAR, useValue: ianaCalendar },
    { provide: PlatformView, useValue: platformView(foundation) },
  ];
}

/** Reference data for reads: what is wrong with it is said, and whoever asked is told that it is not there. */
function platformView({ store, clock, log }: Foundation): PlatformView {
  const shouldLog = logThrottle(clock);
  const say = (failure: unknown) => {
    if (shouldLog(failure)) log.error({ err: failure }, 'reference data of the platform cannot be read');
  };
  return new PlatformView(store, {
    broken: say,
    outdated: (_stream, cause) => {
      say(cause);
    },
  });
}
