import { setTimeout as sleep } from 'node:timers/promises';
import { isAborted } from '@ringfence/kernel/aborted';
import { Failure } from '@ringfence/kernel/failure';
import { Cadence } from './cadence.js';
import { projectionFailures } from './failures.js';
import { type PartitionReading, type PartitionSource, type PartitionSpan, spanEventsMax } from './partition-source.js';
import { PartitionWriter } from './partition-writer.js';
import { ensurePartitions, readPositions } from './partitions.js';
import { runnerRetryMs, type RunnerParts } from './projection-runner.js';
import type { RunnableProjection } from './runnable-projection.js';
import { traced } from './traced.js';

/** Keeps one projection at the end of the partitions assigned to this process; other processes have the rest. */
export class PartitionRunner {
  readonly #cadence = new Cadence();
  #writer: PartitionWriter | undefined;

  constructor(
    private readonly projection: RunnableProjection,
    private readonly parts: Omit<RunnerParts, 'source' | 'commits'>,
    private readonly source: PartitionSource,
  ) {}

  /**
   * Runs until `signal` aborts, or until a failure that does not go away by itself, which is reported as `stopped`.
   * Either way the partitions are left to other processes: what this release cannot read, a later one can. Never
   * throws.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { db, metrics } = this.parts;
    const { name } = this.projection;
    const reading = this.source.open(this.projection, async (partitions) => {
      await this.#ensureWriter();
      return readPositions(db, name, partitions);
    });
    try {
      while (!signal.aborted) {
        try {
          await this.#take(reading, signal);
        } catch (failure) {
          if (isAborted(signal)) return;
          if (failure instanceof Failure && !failure.retryable) {
            metrics.stopped(name, failure);
            return;
          }
          metrics.failed(name, failure);
          this.#startOver(reading);
          await sleep(runnerRetryMs, undefined, { signal }).catch(() => undefined);
        }
      }
    } finally {
      await reading.close();
    }
  }

  async #take(reading: PartitionReading, signal: AbortSignal): Promise<void> {
    const { clock, metrics, progress, tracing } = this.parts;
    const { name } = this.projection;
    const spans = await reading.next(signal);
    if (spans.length === 0) {
      metrics.idle(name);
      return;
    }
    const startedMs = performance.now();
    const writer = await this.#ensureWriter();
    const written = () => spans.flatMap((span) => span.events);
    const advancing = { projection: name, events: written, advance: () => writer.advance(spans) };
    if ((await traced(tracing, advancing)).moved) {
      this.#startOver(reading);
      return;
    }
    const events = spans.reduce((sum, span) => sum + span.events.length, 0);
    const lastMs = lastDecidedAtMs(spans);
    if (lastMs === undefined) metrics.passed(name);
    else metrics.applied(name, events, Math.max(0, clock.now() - lastMs));
    // A full batch says that there is more to catch up with.
    if (events < spanEventsMax)
      await progress.awaited(name, this.#cadence.pauseAfterMs(startedMs, performance.now()), signal);
  }

  #startOver(reading: PartitionReading): void {
    this.#writer = undefined;
    reading.startOver();
  }

  async #ensureWriter(): Promise<PartitionWriter> {
    if (this.#writer !== undefined) return this.#writer;
    const { db, metrics } = this.parts;
    const { version } = await ensurePartitions(db, this.projection, this.source.partitions);
    if (version !== this.projection.version)
      throw projectionFailures.projection_superseded(this.projection.name, version);
    this.#writer = new PartitionWriter(db, this.projection, metrics);
    return this.#writer;
  }
}

/** The decision time of the last event of the partition that is furthest behind; undefined: there are no spans. */
function lastDecidedAtMs(spans: readonly PartitionSpan[]): number | undefined {
  const ends = spans.flatMap(({ events }) => events.at(-1)?.decidedAtMs ?? []);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
