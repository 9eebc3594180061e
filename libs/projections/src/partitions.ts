import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { invariant } from '@ringfence/kernel/invariant';
import type { StreamId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { type Position, position } from '@ringfence/kernel/units';
import { type Checkpoint, ensureSchema, lockCheckpoint, lockSchemas } from './checkpoints.js';
import type { RunnableProjection } from './runnable-projection.js';
import type { OpenTransaction, SqlDatabase, SqlTransaction } from '@ringfence/ports/sql/sql-database';

/** Positions of the partitions, by their numbers. */
export type PartitionPositions = ReadonlyMap<number, Position>;

/**
 * Gives every partition its own position if the rows were fed by the log so far: the position that the log has reached.
 * @returns the checkpoint; its version may be another release's
 */
export async function ensurePartitions(
  db: SqlDatabase,
  projection: RunnableProjection,
  partitions: number,
): Promise<Checkpoint> {
  const found = await ensureSchema(db, projection);
  if (found.partitions === partitions || found.version !== projection.version) return found;
  return db.transaction(async (tx) => {
    await lockSchemas(tx);
    const checkpoint = await lockCheckpoint(tx, projection.name);
    if (checkpoint?.version !== projection.version || checkpoint.partitions === partitions) return checkpoint ?? found;
    invariant(checkpoint.partitions === null, 'the number of partitions is fixed in the first event of the log');
    tx.execute(
      `insert into projection.partition_checkpoint
       select name, partition, position, now() from projection.checkpoint, generate_series(0, $2::int4 - 1) partition where name = $1`,
      [projection.name, partitions],
    );
    tx.execute('update projection.checkpoint set partitions = $2 where name = $1', [projection.name, partitions]);
    return { ...checkpoint, partitions };
  });
}

/** Reads where feeding these partitions goes on. */
export async function readPositions(
  db: SqlTransaction,
  schema: string,
  partitions: readonly number[],
): Promise<PartitionPositions> {
  const rows = await db.query<PositionRecord>(
    `select p.partition, greatest(p.position, c.position) as position
     from projection.partition_checkpoint p join projection.checkpoint c using (name) where name = $1 and p.partition = any($2::int4[])`,
    [schema, partitions],
  );
  return positionsOf(rows);
}

/**
 * A locking `readPositions`: no other process moves these partitions until the transaction ends. Requires the
 * checkpoint's lock, shared or not.
 */
export async function lockPositions(
  tx: SqlTransaction,
  schema: string,
  partitions: readonly number[],
  checkpoint: Checkpoint,
): Promise<PartitionPositions> {
  const rows = await tx.query<PositionRecord>(
    `select partition, greatest(position, $3::int8) as position from projection.partition_checkpoint
     where name = $1 and partition = any($2::int4[]) order by partition for update`,
    [schema, partitions, checkpoint.position],
  );
  return positionsOf(rows);
}

/** Requires the partitions' locks. */
export function movePositions(tx: OpenTransaction, schema: string, next: PartitionPositions): void {
  tx.execute(
    `update projection.partition_checkpoint p set position = new.position, updated_at = now()
     from unnest($2::int4[], $3::int8[]) as new (partition, position) where p.name = $1 and p.partition = new.partition`,
    [schema, [...next.keys()], [...next.values()]],
  );
}

/** A span of a partition, from `from` up to `to` (exclusive), none of whose events the projection handles. */
type EmptySpan = { readonly partition: number; readonly from: Position; readonly to: Position };

/**
 * Moves positions past spans that write nothing: one statement instead of a transaction.
 * @returns false: another process has moved at least one of them
 */
export async function moveUntouchedPositions(
  db: SqlTransaction,
  schema: string,
  version: number,
  spans: readonly EmptySpan[],
): Promise<boolean> {
  const moved = await db.query(
    `with held as (
       select partition, set_config('synchronous_commit', 'off', true) from projection.partition_checkpoint where name = $1 and partition = any($2::int4[]) order by partition for update)
     update projection.partition_checkpoint p set position = new.to_position, updated_at = now()
     from held join unnest($2::int4[], $3::int8[], $4::int8[]) as new (partition, from_position, to_position) using (partition)
     where p.name = $1 and p.partition = held.partition and p.position = new.from_position and exists (
       select 1 from projection.checkpoint where name = $1 and version = $5 and partitions is not null)
     returning 1`,
    [
      schema,
      spans.map(({ partition }) => partition),
      spans.map(({ from }) => from),
      spans.map(({ to }) => to),
      version,
    ],
  );
  return moved.length === spans.length;
}

/** Selects the events, in the order of the log, that no partition has written yet. Requires the checkpoint's lock. */
export async function notFedYet(
  tx: SqlTransaction,
  schema: string,
  checkpoint: Checkpoint,
  events: readonly RecordedEnvelope[],
): Promise<readonly RecordedEnvelope[]> {
  const { partitions } = checkpoint;
  if (partitions === null) return events;
  const fed = positionsOf(
    await tx.query<PositionRecord>('select partition, position from projection.partition_checkpoint where name = $1', [
      schema,
    ]),
  );
  return events.filter((event) => event.position >= (fed.get(laneOf(event.stream, partitions)) ?? 0));
}

/**
 * Drops the partitions' positions once none is ahead of `next`, which the log has reached: from then on the checkpoint
 * alone counts. Requires the checkpoint's lock.
 */
export async function joinPartitions(tx: OpenTransaction, schema: string, next: Position): Promise<void> {
  const [ahead] = await tx.query(
    'select 1 from projection.partition_checkpoint where name = $1 and position > $2 limit 1',
    [schema, next],
  );
  if (ahead !== undefined) return;
  tx.execute('delete from projection.partition_checkpoint where name = $1', [schema]);
  tx.execute('update projection.checkpoint set partitions = null where name = $1', [schema]);
}

/** The position below which this stream's events are in the rows. Requires the checkpoint's lock. */
export async function positionOfStream(
  tx: SqlTransaction,
  schema: string,
  checkpoint: Checkpoint,
  stream: StreamId,
): Promise<Position> {
  if (checkpoint.partitions === null) return checkpoint.position;
  const lane = laneOf(stream, checkpoint.partitions);
  return (await readPositions(tx, schema, [lane])).get(lane) ?? checkpoint.position;
}

/** The position from which on nothing is in the rows. */
export async function furthestPosition(db: SqlTransaction, schema: string, checkpoint: Checkpoint): Promise<Position> {
  if (checkpoint.partitions === null) return checkpoint.position;
  const [row] = await db.query<{ position: string | null }>(
    'select max(position) as position from projection.partition_checkpoint where name = $1',
    [schema],
  );
  return position(Math.max(checkpoint.position, Number(row?.position ?? 0)));
}

type PositionRecord = { readonly partition: number; readonly position: string };

function positionsOf(rows: readonly PositionRecord[]): PartitionPositions {
  return new Map(rows.map((row) => [row.partition, position(Number(row.position))]));
}
