import type { RequestTracing } from '@ringfence/http/edge/request-tracing';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { OutboundClient } from '@ringfence/ports/outbound/outbound-client';
import type { RegistryRows } from '@ringfence/read-models/keys/registry-rows';
import type { Config } from './config/config.js';
import type { PlatformHealth } from './health.js';
import type { Infrastructure } from './infrastructure/infrastructure.js';
import type { Metrics } from './telemetry/metrics.js';
import type { ReactorWatch } from './telemetry/reactor-watch.js';
import type { ServerLog } from './telemetry/server-log.js';
import type { UndoStack } from './undo-stack.js';

/** Resources that the parts of one process share. */
export type ServerProcess = Omit<Infrastructure, 'stop'> & {
  readonly config: Config;
  readonly log: ServerLog;
  readonly metrics: Metrics;
  /** undefined: traces are off */
  readonly tracing: Tracing | undefined;
  /** null: requests are not traced */
  readonly requestTracing: RequestTracing | null;
  /** The client for requests to the URLs of customers. */
  readonly outbound: OutboundClient;
  readonly checkpoints: ReactorCheckpoints;
  readonly reactors: ReactorWatch;
  readonly health: PlatformHealth;
  /** Keys as the read model had them at the start; undefined: there was none. */
  readonly knownKeys: Promise<RegistryRows | undefined>;
  readonly undo: UndoStack;
  /** Called, possibly more than once, when this process may no longer decide and should end. */
  readonly onLost: () => void;
  /** Aborts when the start is given up. */
  readonly signal: AbortSignal;
};

/** The resources that a part needs, by name. */
export type Needs<Names extends keyof ServerProcess> = Pick<ServerProcess, Names>;
