import type { Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { COMMAND_DISPATCHER, type CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { PlatformView } from '@ringfence/lanes/platform-view';
import { SUBJECT_VAULT } from '@ringfence/ports/vault/subject-vault';
import { EVENT_STORE } from '@ringfence/ports/log/event-store';
import { REQUEST_BUILDERS } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import {
  CLOCK,
  COMMAND_TOPICS,
  type CommandTopics,
  EDGE_METRICS,
  ID_SOURCE,
  LOG_NAME,
} from '@ringfence/http/edge/ports';
import { HttpModule } from '@ringfence/http/http.module';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { CALENDAR, READ_DATABASE } from '@ringfence/read-models/read-models.module';
import type { Needs, ServerProcess } from '../server-process.js';
import { logThrottle } from '../telemetry/log-throttle.js';
import type { ClientCommands } from './client-commands.js';
import { createServer, operationsPorts } from './http-server.js';

/** The parts of a gateway that depend on the topology. */
type Api = {
  readonly dispatcher: CommandDispatcher;
  readonly clients: ClientCommands;
  /** null: clients cannot publish commands to topics */
  readonly commandTopics: CommandTopics | null;
};

/** Creates the HTTP server of the API, which does not listen yet. */
export function createGateway(process: ServerProcess, api: Api): Promise<NestFastifyApplication> {
  const { clock, health, undo } = process;
  const { registry } = api.clients;
  health.watch('key_registry', () => (registry.isFresh(clock.now()) ? null : 'has not seen the end of the log lately'));
  // At a stop the last report is sent after the last request and before commands are no longer decided.
  const rejected = undo.own(rejectionReporter(process, api.dispatcher));
  return createServer(process, HttpModule.withApi([...operationsPorts(process), ...apiPorts(process, api, rejected)]));
}

/** Records in the log the requests that the gateway itself rejects. */
function rejectionReporter(
  { ids, clock, timers, owner, metrics, log }: Needs<'ids' | 'clock' | 'timers' | 'owner' | 'metrics' | 'log'>,
  dispatcher: CommandDispatcher,
): RejectedRequestCounter {
  const shouldLog = logThrottle(clock);
  return new RejectedRequestCounter({
    dispatcher,
    ids,
    clock,
    timers,
    workerId: `gateway:${owner}`,
    onUnreported: ({ presentedKeyId, code, count, why }) => {
      metrics.rejectionReportsDropped(code, count);
      const cause = typeof why === 'string' ? { why } : { err: why };
      if (shouldLog(why)) log.event('rejection_report_dropped', { ...cause, presentedKeyId, code, count });
    },
  });
}

/** The bindings of adapters to the ports of the HTTP edge. */
function apiPorts(
  process: Needs<'vault' | 'answers' | 'clock' | 'ids' | 'metrics' | 'openedLog' | 'progress' | 'store' | 'log'>,
  { dispatcher, clients, commandTopics }: Api,
  rejected: RejectedRequestCounter,
): Provider[] {
  const { vault, answers, clock, ids, metrics, openedLog, progress } = process;
  const { registry, identity, keys, requests } = clients;
  return [
    { provide: CLOCK, useValue: clock },
    { provide: ID_SOURCE, useValue: ids },
    { provide: EDGE_METRICS, useValue: metrics.edge },
    { provide: EVENT_STORE, useValue: answers.store },
    { provide: LOG_NAME, useValue: openedLog },
    { provide: COMMAND_DISPATCHER, useValue: dispatcher },
    { provide: SUBJECT_VAULT, useValue: vault },
    { provide: KeyRegistry, useValue: registry },
    { provide: RejectedRequestCounter, useValue: rejected },
    { provide: KeyFinder, useValue: keys },
    { provide: REQUEST_BUILDERS, useValue: requests },
    { provide: COMMAND_TOPICS, useValue: commandTopics },
    { provide: RequestIdentity, useValue: identity },
    { provide: ProjectionProgress, useValue: progress },
    { provide: READ_DATABASE, useValue: answers.db },
    { provide: CALENDAR, useValue: ianaCalendar },
    { provide: PlatformView, useValue: platformView(process) },
  ];
}

/** Reference data for reads; faults in it are logged and answered as unavailable. */
function platformView({ store, clock, log }: Needs<'store' | 'clock' | 'log'>): PlatformView {
  const shouldLog = logThrottle(clock);
  const report = (failure: unknown) => {
    if (shouldLog(failure)) log.event('platform_data_unreadable', { err: failure });
  };
  return new PlatformView(store, {
    broken: report,
    outdated: (_stream, cause) => {
      report(cause);
    },
  });
}
