import { isAborted } from '@ringfence/kernel/aborted';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { Position } from '@ringfence/kernel/units';
import { ensureOwnTables, ensureSchema, readCheckpoint } from './checkpoints.js';
import type { EventHistory, EventSource } from './event-source.js';
import { PartitionRunner } from './partition-runner.js';
import type { PartitionSource } from './partition-source.js';
import type { ProjectionMetrics } from './projection-metrics.js';
import type { ProjectionProgress } from './projection-progress.js';
import { ProjectionRunner, runnerRetryMs } from './projection-runner.js';
import { RebuildQueue } from './rebuild-queue.js';
import type { RunnableProjection } from './runnable-projection.js';
import { SharedCommits } from './shared-commits.js';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';
import { setTimeout as sleep } from 'node:timers/promises';

type EngineParts = {
  readonly db: SqlDatabase;
  /** The log, in its order. */
  readonly source: EventSource;
  /** Feeds the projections ordered by stream; undefined: the log feeds them. */
  readonly partitioned?: PartitionSource;
  readonly history: EventHistory;
  readonly clock: Clock;
  readonly metrics: ProjectionMetrics;
  readonly progress: ProjectionProgress;
  /** undefined: tracing is off. */
  readonly tracing?: Tracing | undefined;
};

/**
 * Keeps all projections of a process at the end of the log. Several processes may do so at once: each event is written
 * by one of them.
 */
export class ProjectionEngine {
  constructor(
    private readonly projections: readonly RunnableProjection[],
    private readonly parts: EngineParts,
  ) {}

  /**
   * Creates the missing schemas; afterwards every read model can be queried.
   * @throws Failure `database_unavailable` (retryable)
   */
  async prepare(): Promise<void> {
    await ensureOwnTables(this.parts.db);
    for (const projection of this.projections) await ensureSchema(this.parts.db, projection);
  }

  /** Runs until `signal` aborts. Failures go to the metrics; one projection that stops does not stop the others. */
  async run(signal: AbortSignal): Promise<void> {
    const rebuilds = new RebuildQueue(this.parts, signal);
    const commits = new SharedCommits(this.parts.db);
    await Promise.all(this.projections.map((projection) => this.#runOne(projection, { rebuilds, commits }, signal)));
  }

  async #runOne(
    projection: RunnableProjection,
    { rebuilds, commits }: { readonly rebuilds: RebuildQueue; readonly commits: SharedCommits },
    signal: AbortSignal,
  ): Promise<void> {
    const current = await this.#bringToVersion(projection, rebuilds, signal);
    if (!current) return;
    const { partitioned } = this.parts;
    if (partitioned !== undefined && projection.order === 'stream')
      await new PartitionRunner(projection, this.parts, partitioned).run(signal);
    else await new ProjectionRunner(projection, { ...this.parts, commits }).run(signal);
  }

  /** Serves rows of an older version until those of this version are complete beside them. */
  async #bringToVersion(projection: RunnableProjection, rebuilds: RebuildQueue, signal: AbortSignal): Promise<boolean> {
    const { db, metrics } = this.parts;
    while (!signal.aborted) {
      try {
        const { version } = await ensureSchema(db, projection);
        if (version === projection.version) return true;
        await rebuilds.rebuild(projection);
      } catch (failure) {
        if (isAborted(signal)) return false;
        if (failure instanceof Failure && !failure.retryable && failure.code !== 'rebuild_superseded') {
          metrics.stopped(projection.name, failure);
          return false;
        }
        metrics.failed(projection.name, failure);
        if (failure instanceof Failure && failure.code === 'rebuild_superseded')
          await whileOthersBuild(db, projection, signal);
        else await sleep(runnerRetryMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }
}

/**
 * Interval at which another process's rebuild is checked, and time without progress after which it counts as abandoned.
 */
const lookEveryMs = 1_000;
const givenUpAfterMs = 30_000;

/**
 * Waits, after having been superseded, until the rows are of this version or the other rebuild is abandoned: two
 * processes that both restarted whenever the other had begun would never finish.
 */
async function whileOthersBuild(
  db: SqlDatabase,
  { name, version }: RunnableProjection,
  signal: AbortSignal,
): Promise<void> {
  let seen: Position | undefined;
  let movedAtMs = performance.now();
  while (!signal.aborted && performance.now() - movedAtMs < givenUpAfterMs) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    // While the database is unavailable no other process makes progress either.
    const found = await Promise.all([readCheckpoint(db, name), readCheckpoint(db, `${name}_next`)]).catch(() => null);
    if (found === null) continue;
    const [live, next] = found;
    if (live?.version === version || next === undefined) return;
    if (next.position === seen) continue;
    seen = next.position;
    movedAtMs = performance.now();
  }
}
