import type { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import { BatchRunner } from './batch-runner.js';
import { DueTimers } from './due-timers.js';
import { EnvelopeWriter } from './envelope-writer.js';
import { LaneClock } from './lane-clock.js';
import type { LaneExecutorOptions } from './lane-executor-options.js';
import { laneFailures } from './lane-failures.js';
import type { LaneHost } from './lane-host.js';
import { type LaneMetrics, silentLaneMetrics } from './lane-metrics.js';
import { laneModels } from './lane-models.js';
import { OwnedLanes } from './owned-lanes.js';
import { PlatformReference } from './platform-reference.js';
import { SaltSource } from './salt-source.js';
import { Snapshotter } from './snapshotter.js';
import type { StateCacheEvents } from './state-cache.js';
import { streamKinds } from './stream-kinds.js';
import type { Pool } from './stream-pool.js';

/** The parts that an executor runs. */
export type LaneParts = {
  /** The streams of each kind, in the order of their turns. */
  readonly pools: readonly Pool[];
  readonly lanes: OwnedLanes;
  readonly reference: PlatformReference;
  readonly runner: BatchRunner;
  readonly clock: LaneClock;
  readonly due: DueTimers;
  readonly snapshotter: Snapshotter;
};

/** Signals of the parts to the executor that runs them. */
type LaneSignals = {
  /** There is something to decide. */
  readonly wake: () => void;
  readonly due: (stream: StreamId) => void;
  readonly failStream: (stream: StreamId, why: Failure) => void;
  readonly evictForeign: () => void;
};

/**
 * Opens the parts of an executor and loads the platform's stream.
 * @param signals not called before the parts are there
 * @throws Failure `event_store_unavailable` (retryable), HistoryBroken for the platform's own stream
 */
export async function openLaneParts(options: LaneExecutorOptions, signals: LaneSignals): Promise<LaneParts> {
  const { store, log, host, timers, ids, metrics = silentLaneMetrics, models = laneModels } = options;
  const { kinds = streamKinds(models) } = options;
  const lanes = new OwnedLanes(log.laneCount, metrics);
  const clock = new LaneClock(options.clock, timers, store, metrics);
  await clock.start(options.decidedUpToMs);
  const reference = await PlatformReference.load(store, models.platform, host);
  const snapshotter = new Snapshotter(store, timers, metrics);
  const events = cacheEvents(signals, host, metrics);
  const pools = kinds.map((kind) => kind.open({ store, timers, clock, snapshotter, reference, events }));
  const due = new DueTimers(store, clock, timers, lanes, signals.due);
  const runner = new BatchRunner({
    store,
    timers,
    ids,
    host,
    metrics,
    tracing: options.tracing,
    clock,
    platform: reference,
    routes: options.routes,
    lanes,
    envelopes: new EnvelopeWriter(log.logId, ids, options.salts ?? new SaltSource()),
    due,
    lanesLost: (lost) => {
      signals.evictForeign();
      host.lanesLost(lost);
    },
  });
  return { pools, lanes, reference, runner, clock, due, snapshotter };
}

function cacheEvents(signals: LaneSignals, host: LaneHost, metrics: LaneMetrics): StateCacheEvents {
  return {
    loaded: signals.wake,
    unavailable: (stream, failure) => {
      signals.failStream(stream, laneFailures.lane_unavailable('the account could not be loaded', failure));
    },
    unreadable: (stream, cause) => {
      metrics.quarantined();
      host.quarantined(stream, cause, 'history');
    },
    outdated: (stream, cause) => {
      signals.failStream(stream, laneFailures.outdated(cause));
      host.outdated(stream, cause);
    },
  };
}
