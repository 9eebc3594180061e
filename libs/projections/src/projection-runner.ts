import { setTimeout as sleep } from 'node:timers/promises';
import { isAborted } from '@ringfence/kernel/aborted';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { Cadence } from './cadence.js';
import { ensureSchema } from './checkpoints.js';
import { type EventSource, spanOf } from './event-source.js';
import type { ProjectionMetrics } from './projection-metrics.js';
import type { ProjectionProgress } from './projection-progress.js';
import { ProjectionWriter } from './projection-writer.js';
import type { RunnableProjection } from './runnable-projection.js';
import type { SharedCommits } from './shared-commits.js';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';
import { traced } from './traced.js';

/** The most events in one transaction. */
const batchEventsMax = 1_000;
/** The pause after a retryable failure. */
export const runnerRetryMs = 250;

export type RunnerParts = {
  readonly db: SqlDatabase;
  readonly commits: SharedCommits;
  readonly source: EventSource;
  readonly clock: Clock;
  readonly metrics: ProjectionMetrics;
  readonly progress: ProjectionProgress;
  /** undefined: tracing is off. */
  readonly tracing?: Tracing | undefined;
};

/** Keeps one projection at the end of the log. */
export class ProjectionRunner {
  readonly #cadence = new Cadence();

  constructor(
    private readonly projection: RunnableProjection,
    private readonly parts: RunnerParts,
  ) {}

  /**
   * Runs until `signal` aborts, or until a failure that does not go away by itself, which is reported as `stopped`.
   * Never throws.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { metrics } = this.parts;
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (failure) {
        if (isAborted(signal)) return;
        if (failure instanceof Failure && !failure.retryable) {
          metrics.stopped(this.projection.name, failure);
          return;
        }
        metrics.failed(this.projection.name, failure);
        await sleep(runnerRetryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Reads on from the checkpoint until another process moves it. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { db, commits, metrics, progress, source } = this.parts;
    const { name } = this.projection;
    const checkpoint = await ensureSchema(db, this.projection);
    const writer = new ProjectionWriter(db, this.projection, name, checkpoint, metrics, commits);
    progress.advanced(name, writer.next);
    for await (const events of source.subscribe(writer.next, signal)) {
      if (events.length === 0) metrics.idle(name);
      for (let from = 0; from < events.length; from += batchEventsMax) {
        const moved = await this.#write(writer, events.slice(from, from + batchEventsMax), signal);
        if (moved) return;
      }
    }
  }

  async #write(writer: ProjectionWriter, events: readonly RecordedEnvelope[], signal: AbortSignal): Promise<boolean> {
    const { clock, metrics, progress, tracing } = this.parts;
    const { name } = this.projection;
    const startedMs = performance.now();
    const advancing = { projection: name, events: () => events, advance: () => writer.advance(spanOf(events)) };
    const { moved, next } = await traced(tracing, advancing);
    progress.advanced(name, next);
    const last = events.at(-1);
    if (last !== undefined) metrics.applied(name, events.length, Math.max(0, clock.now() - last.decidedAtMs));
    // A full batch means that there is more to catch up with.
    if (events.length < batchEventsMax) {
      await progress.awaited(name, this.#cadence.pauseAfterMs(startedMs, performance.now()), signal);
    }
    return moved;
  }
}
