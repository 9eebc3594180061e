import type { Routes } from '@ringfence/domain/routing/routes';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { GuardedClock } from '@ringfence/kernel/clock';
import type { IdSource, LogId } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { EpochMs } from '@ringfence/kernel/units';
import type { LaneHost } from './lane-host.js';
import type { LaneMetrics } from './lane-metrics.js';
import type { LaneModels } from './lane-models.js';
import type { SaltSource } from './salt-source.js';
import type { StreamKind } from './stream-kinds.js';

export type LaneExecutorOptions = {
  readonly store: EventStore;
  readonly clock: GuardedClock;
  readonly timers: Timers;
  readonly ids: IdSource;
  /** Identity of the log, from its first event. */
  readonly log: { readonly logId: LogId; readonly laneCount: number };
  /** Trunks that can take calls of a mode, best first. */
  readonly routes: Routes;
  /** Names this process among the owners of the lanes. */
  readonly owner: string;
  readonly lanes: LanesAtStart;
  readonly host: LaneHost;
  /**
   * The latest decision time among the newest events of the log, if it was looked up: a lower bound of timestamps.
   */
  readonly decidedUpToMs?: EpochMs;
  readonly metrics?: LaneMetrics;
  readonly tracing?: Tracing | undefined;
  /** Replaced in tests. */
  readonly models?: LaneModels;
  /** Replaced in tests. Default: those of this release. */
  readonly kinds?: readonly StreamKind[];
  /** Replaced in tests. */
  readonly salts?: SaltSource;
};

/** Lanes that an executor owns at the start: all, for good, or none, to be added by `acquire`. */
export type LanesAtStart = 'all' | 'none';
