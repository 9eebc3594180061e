import type { LaneMetrics } from '@ringfence/lanes/lane-metrics';
import type { ClockNews } from '@ringfence/lanes/steady-clock';
import type { EdgeMetrics, MetricsText } from '@ringfence/http/edge/ports';
import type { DeliveryObserver } from '@ringfence/reactors/webhooks/delivery-sender';
import type { ProjectionMetrics } from '@ringfence/projections/projection-metrics';
import { collectDefaultMetrics, Counter, Gauge, Histogram, type LabelValues, Registry } from 'prom-client';
import { neverMs, reportEventLoopLag } from './event-loop-lag.js';
import type { LogEventCode } from './log-events.js';
import type { ServerLog } from './server-log.js';

const secondBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const countBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * Gauges of prom-client whose names end like counters, to which `promtool check metrics` objects. Each is the sum of a
 * metric that is kept: `…_active_handles`, `…_active_requests` and `…_active_resources`, by type.
 */
const misnamed = ['handles', 'requests', 'resources'].map((what) => `ringfence_nodejs_active_${what}_total`);

type RenamedCounter = { readonly inc: (labels: LabelValues<string>, by: number) => void };

/** All metrics of the process; their names are spelt only here. Labels are codes and patterns, never values. */
export class Metrics implements MetricsText {
  readonly registry = new Registry();
  readonly contentType = this.registry.contentType;
  readonly #requests = this.#histogram(
    'ringfence_http_request_seconds',
    'Time to answer a request',
    ['method', 'route', 'status'],
    secondBuckets,
  );
  readonly #rejected = this.#renamedCounter(
    'ringfence_http_rejected_total',
    'ringfence_http_turned_away_total',
    'Requests that the gateway rejected by itself',
    ['code'],
  );
  readonly #reportsDropped = this.#renamedCounter(
    'ringfence_http_rejection_reports_dropped_total',
    'ringfence_http_turned_away_untold_total',
    'Rejected requests of known keys that could not be recorded in the log, by the code of the rejection',
    ['code'],
  );
  readonly #batchCommands = this.#histogram(
    'ringfence_lane_batch_commands',
    'Commands decided together',
    [],
    countBuckets,
  );
  readonly #decide = this.#histogram('ringfence_lane_decide_seconds', 'Time to decide one batch', [], secondBuckets);
  readonly #append = this.#histogram(
    'ringfence_lane_append_seconds',
    'Time of one append or fenced read',
    [],
    secondBuckets,
  );
  readonly #events = this.#counter('ringfence_lane_events_total', 'Events written', []);
  readonly #waiting = this.#gauge('ringfence_lane_waiting_commands', 'Commands that wait to be decided', []);
  readonly #transactions = this.#gauge(
    'ringfence_lane_open_transactions',
    'Kafka transactions on the topic of commands that are open, or committed and not decided yet',
    [],
  );
  readonly #refused = this.#counter('ringfence_lane_refusals_total', 'Commands refused', ['code']);
  readonly #parked = this.#counter('ringfence_lane_parked_total', 'Commands parked', []);
  readonly #quarantined = this.#counter('ringfence_lane_quarantined_total', 'Accounts quarantined', []);
  readonly #appendFailed = this.#counter('ringfence_lane_append_failures_total', 'Appends that failed', ['code']);
  readonly #snapshots = this.#counter('ringfence_lane_snapshots_total', 'Snapshots written', []);
  readonly #segmentEvents = this.#gauge('ringfence_log_segment_events', 'Events of the log in segments', []);
  readonly #coldEvents = this.#gauge(
    'ringfence_log_cold_events',
    'Events before the hot window that are not in segments yet',
    [],
  );
  readonly #clock = this.#gauge(
    'ringfence_lane_clock_ahead_seconds',
    'How far our clock is ahead of the database’s',
    [],
  );
  readonly #stampsAhead = this.#gauge(
    'ringfence_lane_stamps_ahead_seconds',
    'How far the stamps of decisions are ahead of our clock',
    [],
  );
  readonly #clockStep = this.#gauge(
    'ringfence_clock_step_seconds',
    'By how much the machine’s clock was set, while nothing is decided for it',
    [],
  );
  readonly #clockSteps = this.#counter('ringfence_clock_steps_total', 'Times that the machine’s clock was set', []);
  readonly #projected = this.#counter('ringfence_projection_events_total', 'Events taken in', ['projection']);
  readonly #lag = this.#gauge(
    'ringfence_projection_lag_seconds',
    'Age of the oldest event not taken in, at most: it grows while the projection reports nothing',
    ['projection'],
    () => {
      this.#updateLags();
    },
  );
  readonly #partitions = this.#gauge(
    'ringfence_projection_partitions',
    'Partitions that this process projects, by what feeds them: the topic of events, or the log',
    ['projection', 'from'],
  );
  readonly #parkedStreams = this.#counter('ringfence_projection_parked_total', 'Streams parked', ['projection']);
  readonly #projectionFailed = this.#counter('ringfence_projection_failures_total', 'Failures that are tried again', [
    'projection',
  ]);
  readonly #rebuilt = this.#counter('ringfence_projection_rebuilds_total', 'Rebuilds swapped in', ['projection']);
  readonly #webhookAttempts = this.#counter(
    'ringfence_webhook_attempts_total',
    'Attempts to deliver an event to an endpoint, by what they came to',
    ['outcome'],
  );
  readonly #webhookSeconds = this.#histogram(
    'ringfence_webhook_attempt_seconds',
    'Time that receivers took to answer',
    [],
    secondBuckets,
  );
  readonly #webhooksPending = this.#gauge('ringfence_webhook_pending', 'Deliveries that are pending', []);
  readonly #webhookOldest = this.#gauge(
    'ringfence_webhook_oldest_pending_seconds',
    'Age of the oldest pending delivery',
    [],
  );
  /** Projections that have stopped; readiness lists them. */
  readonly stoppedProjections = new Map<string, string>();

  /** The last reported lag of each projection, and when: it may not have applied anything decided since then. */
  readonly #lastLags = new Map<string, { readonly lagMs: number; readonly atMs: number }>();

  constructor(
    private readonly log: ServerLog,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {
    collectDefaultMetrics({
      register: this.registry,
      prefix: 'ringfence_',
      eventLoopMonitoringPrecision: neverMs,
    });
    for (const name of misnamed) this.registry.removeSingleMetric(name);
    reportEventLoopLag(this.registry);
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  clockNews({ kind, byMs }: ClockNews): void {
    this.#clockStep.set(kind === 'stepped' ? byMs / 1_000 : 0);
    if (kind === 'stepped') this.#clockSteps.inc();
    this.log.event(clockEvents[kind], { byMs });
  }

  rejectionReportsDropped(code: string, count: number): void {
    this.#reportsDropped.inc({ code }, count);
  }

  readonly edge: EdgeMetrics = {
    rejected: (code) => {
      this.#rejected.inc({ code }, 1);
    },
    answered: (method, route, status, tookMs) => {
      this.#requests.observe({ method, route, status }, tookMs / 1_000);
    },
  };

  readonly lane: LaneMetrics = {
    batch: (commands, decideMs, appendMs, events) => {
      this.#batchCommands.observe(commands);
      this.#decide.observe(decideMs / 1_000);
      this.#append.observe(appendMs / 1_000);
      this.#events.inc(events);
    },
    queueLength: (waiting) => {
      this.#waiting.set(waiting);
    },
    transactionsOpen: (count) => {
      this.#transactions.set(count);
    },
    refused: (code) => {
      this.#refused.inc({ code });
    },
    parked: () => {
      this.#parked.inc();
    },
    quarantined: () => {
      this.#quarantined.inc();
    },
    appendFailed: (code) => {
      this.#appendFailed.inc({ code });
      this.log.event('append_failed', { code });
    },
    snapshotSaved: () => {
      this.#snapshots.inc();
    },
    clockOffset: (aheadMs, stampsAheadMs) => {
      this.#clock.set(aheadMs / 1_000);
      this.#stampsAhead.set(stampsAheadMs / 1_000);
    },
  };

  readonly segments = {
    looked: (segmentEvents: number, coldEvents: number): void => {
      this.#segmentEvents.set(segmentEvents);
      this.#coldEvents.set(coldEvents);
    },
  };

  readonly webhooks: DeliveryObserver = {
    attempted: (outcome, latencyMs) => {
      this.#webhookAttempts.inc({ outcome });
      this.#webhookSeconds.observe(latencyMs / 1_000);
    },
    backlog: (pending, oldestAgeMs) => {
      this.#webhooksPending.set(pending);
      this.#webhookOldest.set(oldestAgeMs / 1_000);
    },
  };

  readonly projections: ProjectionMetrics = {
    applied: (projection, events, lagMs) => {
      this.#projected.inc({ projection }, events);
      this.#recordLag(projection, lagMs);
    },
    passed: (projection) => {
      this.#recordLag(projection, this.#lastLags.get(projection)?.lagMs ?? 0);
    },
    idle: (projection) => {
      this.#recordLag(projection, 0);
    },
    fed: (projection, { topic, log }) => {
      this.#partitions.set({ projection, from: 'topic' }, topic);
      this.#partitions.set({ projection, from: 'log' }, log);
    },
    parked: (projection, stream, reason) => {
      this.#parkedStreams.inc({ projection });
      this.log.event('projection_stream_parked', { projection, stream, reason });
    },
    failed: (projection, failure) => {
      if (!this.#lastLags.has(projection)) this.#recordLag(projection, 0);
      this.#projectionFailed.inc({ projection });
      this.log.event('projection_failed', { projection, err: failure });
    },
    stopped: (projection, failure) => {
      if (!this.#lastLags.has(projection)) this.#recordLag(projection, 0);
      this.stoppedProjections.set(projection, 'stopped');
      this.log.event('projection_stopped', { projection, err: failure });
    },
    rebuilt: (projection, events, durationMs) => {
      this.#rebuilt.inc({ projection });
      this.log.event('projection_rebuilt', { projection, events, durationMs });
    },
  };

  #recordLag(projection: string, lagMs: number): void {
    this.#lastLags.set(projection, { lagMs, atMs: this.monotonicMs() });
  }

  /** Updates the lags at each collection, because a stopped projection reports nothing. */
  #updateLags(): void {
    const nowMs = this.monotonicMs();
    for (const [projection, { lagMs, atMs }] of this.#lastLags)
      this.#lag.set({ projection }, (lagMs + nowMs - atMs) / 1_000);
  }

  #histogram(name: string, help: string, labelNames: string[], buckets: number[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** A counter that keeps its former name for one release, in which dashboards and alerts can be changed. */
  #renamedCounter(name: string, former: string, help: string, labelNames: string[]): RenamedCounter {
    const counters = [
      this.#counter(name, help, labelNames),
      this.#counter(former, `Former name of ${name}, removed in the next release`, labelNames),
    ];
    return {
      inc: (labels: LabelValues<string>, by: number) => {
        for (const counter of counters) counter.inc(labels, by);
      },
    };
  }

  /** @param collect sets the value at each collection */
  #gauge(name: string, help: string, labelNames: string[], collect?: () => void): Gauge {
    const gauge = { name, help, labelNames, registers: [this.registry] };
    return new Gauge(collect === undefined ? gauge : { ...gauge, collect });
  }
}

const clockEvents: Readonly<Record<ClockNews['kind'], LogEventCode>> = {
  stepped: 'clock_stepped',
  gone: 'clock_step_reverted',
  taken_over: 'clock_step_adopted',
};
