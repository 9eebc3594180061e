import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { invariant } from '@ringfence/kernel/invariant';
import { position, type Position } from '@ringfence/kernel/units';
import {
  type Checkpoint,
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
import type { EventHistory } from './event-source.js';
import { projectionFailures } from './failures.js';
import { furthestPosition } from './partitions.js';
import type { ProjectionMetrics } from './projection-metrics.js';
import { foldEvents, ProjectionWriter } from './projection-writer.js';
import type { RunnableProjection } from './runnable-projection.js';
import type { SqlDatabase, SqlTransaction } from '@ringfence/ports/sql/sql-database';

/** The most events in one transaction of a rebuild. */
export const rebuildBatchEventsMax = 5_000;
/** The live rows may be ahead by this much when they are locked for the swap; the rest is caught up under the lock. */
const swapGapEventsMax = 2_000;

type RebuildParts = {
  readonly db: SqlDatabase;
  readonly history: EventHistory;
  readonly metrics: ProjectionMetrics;
  /** Called after each batch with the position reached and the head. */
  readonly onProgress?: (next: Position, head: Position) => void;
};
type Rebuilt = { readonly events: number; readonly generation: number; readonly durationMs: number };

/**
 * Rebuilds the rows from position 0 in a schema beside the live one, which any process goes on reading and writing;
 * then swaps them in one transaction. Of two concurrent rebuilds of one projection the later wins.
 * @throws Failure `rebuild_superseded`, `projection_stopped`, and whatever reading the log throws
 */
export async function rebuild(projection: RunnableProjection, parts: RebuildParts): Promise<Rebuilt> {
  const { db, metrics } = parts;
  const startedMs = performance.now();
  await ensureOwnTables(db);
  await ensureSchema(db, projection);
  const schema = `${projection.name}_next`;
  const fresh = await beginBeside(db, projection, schema);
  const writer = new ProjectionWriter(db, projection, schema, fresh, metrics);
  do await buildUntilLevel(writer, projection, parts);
  while (!(await swap(projection, schema, fresh.generation, parts)));
  await db.query(`drop schema if exists ${projection.name}_old cascade`);
  const events = writer.next;
  const durationMs = Math.round(performance.now() - startedMs);
  metrics.rebuilt(projection.name, events, durationMs);
  return { events, generation: fresh.generation, durationMs };
}

async function beginBeside(db: SqlDatabase, projection: RunnableProjection, schema: string): Promise<Checkpoint> {
  return db.transaction(async (tx) => {
    await lockSchemas(tx);
    // An earlier rebuild locks its checkpoint before it writes rows; this one does so before it drops them.
    const earlier = await lockCheckpoint(tx, schema);
    await tx.query(`drop schema if exists ${projection.name}_old cascade`);
    const generations = [await readCheckpoint(tx, projection.name), earlier];
    const generation = Math.max(...generations.map((found) => found?.generation ?? 0)) + 1;
    return createSchema(tx, projection, schema, generation);
  });
}

/** Fills the schema up to the log's end; the next page is read while one is written. */
async function buildUntilLevel(
  writer: ProjectionWriter,
  projection: RunnableProjection,
  { history, onProgress }: RebuildParts,
): Promise<void> {
  const head = await history.head();
  let reading = history.read(writer.next, rebuildBatchEventsMax);
  for (;;) {
    const events = await reading;
    const last = events.at(-1);
    if (last === undefined) return;
    reading = history.read(position(last.position + 1), rebuildBatchEventsMax);
    // Its failure surfaces where the page is awaited; until then it must not count as unhandled.
    reading.catch(() => undefined);
    const { moved, next } = await writer.advance(events);
    if (moved) throw projectionFailures.rebuild_superseded(projection.name);
    onProgress?.(next, head);
    if (next >= head) return;
  }
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
      const rest = await history.read(next.position, gap);
      invariant(rest.length === gap, 'everything in the live rows is in the log');
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
  tx: SqlTransaction,
  projection: RunnableProjection,
  schema: string,
  events: readonly RecordedEnvelope[],
): Promise<void> {
  const last = events.at(-1);
  if (last === undefined) return;
  const { batch, parkings } = foldEvents(projection, events, await readParked(tx, schema));
  await batch.write(tx);
  if (parkings.length > 0) await park(tx, schema, parkings);
  await moveCheckpoint(tx, schema, position(last.position + 1));
}

/** Gathers statistics, so that the first queries of the new rows are planned for what is in them. */
async function analyse(db: SqlDatabase, schema: string): Promise<void> {
  const tables = await db.query<{ table_name: string }>(
    'select tablename as table_name from pg_tables where schemaname = $1',
    [schema],
  );
  for (const table of tables) await db.query(`analyze ${schema}."${table.table_name}"`);
}
