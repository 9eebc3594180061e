import { invariant } from '@ringfence/kernel/invariant';
import type { Position } from '@ringfence/kernel/units';
import {
  createSchema,
  ensureOwnTables,
  ensureSchema,
  lockCheckpoint,
  lockSchemas,
  moveCheckpoint,
  park,
  readCheckpoint,
  readParked,
} from './checkpoints.js';
import type { EventHistory, LogSpan } from './event-source.js';
import { projectionFailures } from './failures.js';
import { furthestPosition } from './partitions.js';
import type { ProjectionMetrics } from './projection-metrics.js';
import { foldEvents, ProjectionWriter } from './projection-writer.js';
import { ignoredTypes, type RunnableProjection } from './runnable-projection.js';
import type { OpenTransaction, SqlDatabase } from '@ringfence/ports/sql/sql-database';

/** The most positions of the log that one transaction of a rebuild covers. */
export const rebuildBatchEventsMax = 5_000;
/** The live rows may be ahead by this much when they are locked for the swap; the rest is caught up under the lock. */
const swapGapEventsMax = 2_000;

export type RebuildParts = {
  readonly db: SqlDatabase;
  readonly history: EventHistory;
  readonly metrics: ProjectionMetrics;
  /** Called after each batch with the position reached and the head. */
  readonly onProgress?: (next: Position, head: Position) => void;
};
/** `events`: the number of events that the log had, whether the projection handles them or not. */
export type Rebuilt = { readonly events: number; readonly generation: number; readonly durationMs: number };

/**
 * Rebuilds one projection.
 * @throws Failure `rebuild_superseded`, `projection_stopped`, and whatever reading the log throws
 */
export async function rebuild(projection: RunnableProjection, parts: RebuildParts): Promise<Rebuilt> {
  const [result] = await rebuildTogether([projection], parts);
  invariant(result !== undefined, 'every rebuild has a result');
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/**
 * Rebuilds the rows of projections from position 0, each in a schema beside the live one, which any process goes on
 * reading and writing; then swaps each in one transaction. All of them are folded in one pass over the log, from which
 * events that none of them handles are left out (`EventHistory.readSpan`). A projection that fails leaves the pass; the
 * others go on. Of two concurrent rebuilds of one projection the later wins.
 * @returns a result for each, in their order, rejected with what `rebuild` throws
 */
export async function rebuildTogether(
  projections: readonly RunnableProjection[],
  parts: RebuildParts,
): Promise<readonly PromiseSettledResult<Rebuilt>[]> {
  return new RebuildPass(projections, parts).run();
}

type Build = {
  readonly projection: RunnableProjection;
  readonly schema: string;
  readonly generation: number;
  readonly writer: ProjectionWriter;
};

class RebuildPass {
  readonly #startedMs = performance.now();
  readonly #results = new Map<RunnableProjection, PromiseSettledResult<Rebuilt>>();

  constructor(
    private readonly projections: readonly RunnableProjection[],
    private readonly parts: RebuildParts,
  ) {}

  async run(): Promise<readonly PromiseSettledResult<Rebuilt>[]> {
    try {
      await ensureOwnTables(this.parts.db);
      const builds: Build[] = [];
      for (const projection of this.projections)
        await this.#settleFailed(projection, async () => void builds.push(await beginBeside(projection, this.parts)));
      while (this.#open(builds).length > 0) {
        await this.#buildUntilLevel(builds);
        for (const build of this.#open(builds)) await this.#settleFailed(build.projection, () => this.#finish(build));
      }
    } catch (reason) {
      for (const projection of this.projections) this.#reject(projection, reason);
    }
    return this.projections.flatMap((projection) => this.#results.get(projection) ?? []);
  }

  /** Fills the schemas up to the log's end; the next page is read while one is written. */
  async #buildUntilLevel(builds: readonly Build[]): Promise<void> {
    const { history, onProgress } = this.parts;
    const read = (from: Position): Promise<LogSpan> => {
      const ignored = ignoredTypes(this.#open(builds).map(({ projection }) => projection));
      const reading = history.readSpan(from, rebuildBatchEventsMax, ignored);
      // Its failure surfaces where the page is awaited; until then it must not count as unhandled.
      reading.catch(() => undefined);
      return reading;
    };
    const head = await history.head();
    // Those of one pass are all at the same position.
    const [first] = this.#open(builds);
    let reading = first === undefined ? undefined : read(first.writer.next);
    while (reading !== undefined) {
      const span = await reading;
      if (span.to === span.from) return;
      reading = span.to < head ? read(span.to) : undefined;
      await Promise.all(
        this.#open(builds).map((build) => this.#settleFailed(build.projection, () => write(build, span))),
      );
      if (this.#open(builds).length === 0) return;
      onProgress?.(span.to, head);
    }
  }

  /** Swaps the rows in, unless the live rows have moved too far ahead meanwhile. */
  async #finish({ projection, schema, generation, writer }: Build): Promise<void> {
    const { db, metrics } = this.parts;
    if (!(await swap(projection, schema, generation, this.parts))) return;
    await db.query(`drop schema if exists ${projection.name}_old cascade`);
    const events = writer.next;
    const durationMs = Math.round(performance.now() - this.#startedMs);
    metrics.rebuilt(projection.name, events, durationMs);
    this.#results.set(projection, { status: 'fulfilled', value: { events, generation, durationMs } });
  }

  /** Selects the builds that have no result yet. */
  #open(builds: readonly Build[]): readonly Build[] {
    return builds.filter(({ projection }) => !this.#results.has(projection));
  }

  async #settleFailed(projection: RunnableProjection, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (reason) {
      this.#reject(projection, reason);
    }
  }

  #reject(projection: RunnableProjection, reason: unknown): void {
    if (!this.#results.has(projection)) this.#results.set(projection, { status: 'rejected', reason });
  }
}

async function beginBeside(projection: RunnableProjection, { db, metrics }: RebuildParts): Promise<Build> {
  await ensureSchema(db, projection);
  const schema = `${projection.name}_next`;
  const fresh = await db.transaction(async (tx) => {
    await lockSchemas(tx);
    // An earlier rebuild locks its checkpoint before it writes rows; this one does so before it drops them.
    const earlier = await lockCheckpoint(tx, schema);
    await tx.query(`drop schema if exists ${projection.name}_old cascade`);
    const generations = [await readCheckpoint(tx, projection.name), earlier];
    const generation = Math.max(...generations.map((found) => found?.generation ?? 0)) + 1;
    return createSchema(tx, projection, schema, generation);
  });
  const writer = new ProjectionWriter(db, projection, schema, fresh, metrics);
  return { projection, schema, generation: fresh.generation, writer };
}

async function write({ projection, writer }: Build, span: LogSpan): Promise<void> {
  if ((await writer.advance(span)).moved) throw projectionFailures.rebuild_superseded(projection.name);
}

/** @returns false: the live rows have moved too far ahead meanwhile */
async function swap(
  projection: RunnableProjection,
  schema: string,
  generation: number,
  { db, history }: RebuildParts,
): Promise<boolean> {
  const { name } = projection;
  await analyse(db, schema);
  return db.transaction(async (tx) => {
    await tx.query('lock table projection.swap in exclusive mode');
    await lockSchemas(tx);
    const live = await lockCheckpoint(tx, name);
    const next = await lockCheckpoint(tx, schema);
    if (live === undefined || next?.generation !== generation) throw projectionFailures.rebuild_superseded(name);
    // A log restored to an earlier moment ends before the live rows do: those come from events that no longer exist.
    // Rows fed by partitions return to none of their positions.
    const furthest = await furthestPosition(tx, name, live);
    const gap = Math.min(furthest, await history.head()) - next.position;
    if (gap > swapGapEventsMax) return false;
    if (gap > 0) {
      const rest = await history.readSpan(next.position, gap, ignoredTypes([projection]));
      invariant(rest.to - rest.from === gap, 'everything in the live rows is in the log');
      await writeUnderLock(tx, projection, schema, rest);
    }
    await tx.query(`alter schema ${name} rename to ${name}_old`);
    await tx.query(`alter schema ${schema} rename to ${name}`);
    await tx.query('delete from projection.parked where name = $1', [name]);
    await tx.query('update projection.parked set name = $1 where name = $2', [name, schema]);
    await tx.query(
      `update projection.checkpoint live set version = next.version, generation = next.generation, revision = live.revision + 1,
         position = next.position, updated_at = now(), partitions = null
       from projection.checkpoint next where live.name = $1 and next.name = $2`,
      [name, schema],
    );
    await tx.query('delete from projection.partition_checkpoint where name = $1', [name]);
    await tx.query('delete from projection.checkpoint where name = $1', [schema]);
    return true;
  });
}

async function writeUnderLock(
  tx: OpenTransaction,
  projection: RunnableProjection,
  schema: string,
  { to, events }: LogSpan,
): Promise<void> {
  const { batch, parkings } = foldEvents(projection, events, await readParked(tx, schema));
  batch.write(tx);
  if (parkings.length > 0) park(tx, schema, parkings);
  moveCheckpoint(tx, schema, to);
}

/** Gathers statistics, so that the first queries of the new rows are planned for what is in them. */
async function analyse(db: SqlDatabase, schema: string): Promise<void> {
  const tables = await db.query<{ table_name: string }>(
    'select tablename as table_name from pg_tables where schemaname = $1',
    [schema],
  );
  for (const table of tables) await db.query(`analyze ${schema}."${table.table_name}"`);
}
