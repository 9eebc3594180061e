import { readFileSync } from 'node:fs';
import type { StreamId } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';
import type { RunnableProjection } from './runnable-projection.js';
import type { OpenTransaction, SqlDatabase, SqlTransaction } from '@ringfence/ports/sql/sql-database';

const ownTables = readFileSync(new URL('projection.sql', import.meta.url), 'utf8');
/** Lock that serialises creating and renaming schemas, among all processes. */
const schemaLock = 7_350_001;

/** The position of the rows of one schema. */
export type Checkpoint = {
  readonly version: number;
  readonly generation: number;
  readonly revision: number;
  /** Every event below this position is in the rows. */
  readonly position: Position;
  /**
   * The number of partitions that feed the rows: then events above `position` may be in them too (`partitions.ts`).
   * null: the log feeds them, in its order.
   */
  readonly partitions: number | null;
};

/** SQL expression for the position reached by the schema of the row `c` of `projection.checkpoint`. */
export const reachedSql = `case when c.partitions is null then c.position else greatest(c.position,
  (select min(p.position) from projection.partition_checkpoint p where p.name = c.name)) end`;

/** Parked streams: the first version that is held back, by stream. */
export type ParkedStreams = ReadonlyMap<StreamId, number>;
export type Parking = {
  readonly stream: StreamId;
  readonly firstVersion: number;
  readonly firstPosition: Position;
  readonly reason: string;
};

/** Serialises changes of schemas until the transaction ends. */
export async function lockSchemas(tx: SqlTransaction): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [schemaLock]);
  // After waiting, a session sees the changes of others only once it opens a relation.
  await tx.query('select from pg_namespace limit 1');
}

/** Creates the engine's own tables if they are missing. */
export async function ensureOwnTables(db: SqlDatabase): Promise<void> {
  await db.transaction(async (tx) => {
    await lockSchemas(tx);
    await tx.query(ownTables);
  });
}

/**
 * Creates the projection's schema, empty, if there is none; an existing one stays unchanged, whatever its version.
 */
export async function ensureSchema(db: SqlDatabase, projection: RunnableProjection): Promise<Checkpoint> {
  return db.transaction(async (tx) => {
    await lockSchemas(tx);
    const found = await readCheckpoint(tx, projection.name);
    if (found !== undefined) return found;
    return createSchema(tx, projection, projection.name, 1);
  });
}

/** Replaces a schema of that name by an empty one, with its checkpoint at 0. */
export async function createSchema(
  tx: OpenTransaction,
  projection: RunnableProjection,
  schema: string,
  generation: number,
): Promise<Checkpoint> {
  await tx.query(`drop schema if exists ${schema} cascade`);
  await tx.query(`create schema ${schema}`);
  setSchema(tx, schema);
  await tx.query(projection.tables);
  await tx.query('delete from projection.parked where name = $1', [schema]);
  await tx.query('delete from projection.partition_checkpoint where name = $1', [schema]);
  await tx.query(
    `insert into projection.checkpoint (name, version, generation, revision, position, updated_at) values ($1, $2, $3, 0, 0, now())
     on conflict (name) do update set version = excluded.version, generation = excluded.generation, revision = excluded.revision,
       position = excluded.position, updated_at = now(), partitions = null`,
    [schema, projection.version, generation],
  );
  return { version: projection.version, generation, revision: 0, position: position(0), partitions: null };
}

export async function readCheckpoint(db: SqlTransaction, schema: string): Promise<Checkpoint | undefined> {
  const [row] = await db.query<CheckpointRecord>(
    `select version, generation, revision, ${reachedSql} as position, partitions from projection.checkpoint c where name = $1`,
    [schema],
  );
  return row === undefined ? undefined : checkpointOf(row);
}

/**
 * The checkpoint, locked until the transaction ends, with the schema on the search path. A crash of the database may
 * lose rows, but only together with the checkpoint: they are read from the log again, so commits do not wait for the
 * disk.
 */
export async function lockCheckpoint(tx: SqlTransaction, schema: string): Promise<Checkpoint | undefined> {
  const [row] = await tx.query<CheckpointRecord>(lockingSql('for update'), [schema]);
  return row === undefined ? undefined : checkpointOf(row);
}

/**
 * Locks several checkpoints as `lockCheckpoint` does, in the same order in every process, without a search path.
 * @returns those that exist, by schema
 */
export async function lockCheckpoints(
  tx: SqlTransaction,
  schemas: readonly string[],
): Promise<ReadonlyMap<string, Checkpoint>> {
  const rows = await tx.query<CheckpointRecord & { readonly name: string }>(
    `select name, version, generation, revision, ${reachedSql} as position, partitions,
      set_config('synchronous_commit', 'off', true)
     from projection.checkpoint c where name = any($1::text[]) order by name for update`,
    [schemas],
  );
  return new Map(rows.map((row) => [row.name, checkpointOf(row)]));
}

/** Puts a schema on the search path until the transaction ends, or another one is. */
export function setSchema(tx: OpenTransaction, schema: string): void {
  tx.execute(`select set_config('search_path', $1, true)`, [schema]);
}

/**
 * A shared form of `lockCheckpoint`: excludes those that lock the checkpoint alone, and admits other writers of
 * partitions, each of which locks its own.
 */
export async function shareCheckpoint(tx: SqlTransaction, schema: string): Promise<Checkpoint | undefined> {
  const [row] = await tx.query<CheckpointRecord>(lockingSql('for share'), [schema]);
  return row === undefined ? undefined : checkpointOf(row);
}

function lockingSql(lock: 'for update' | 'for share'): string {
  return `select version, generation, revision, ${reachedSql} as position, partitions, set_config('search_path', $1, true),
      set_config('synchronous_commit', 'off', true)
    from projection.checkpoint c where name = $1 ${lock}`;
}

export function moveCheckpoint(tx: OpenTransaction, schema: string, next: Position): void {
  tx.execute('update projection.checkpoint set position = $2, updated_at = now() where name = $1', [schema, next]);
}

/** Moves several checkpoints, whose locks it requires. */
export function moveCheckpoints(tx: OpenTransaction, moves: ReadonlyMap<string, Position>): void {
  if (moves.size === 0) return;
  tx.execute(
    `update projection.checkpoint c set position = new.position, updated_at = now()
     from unnest($1::text[], $2::int8[]) as new (name, position) where c.name = new.name`,
    [[...moves.keys()], [...moves.values()]],
  );
}

/**
 * Moves the checkpoint for a batch that wrote nothing: one statement instead of a transaction, without waiting for the
 * disk.
 * @returns false: another process has moved it
 */
export async function moveUntouched(
  db: SqlTransaction,
  schema: string,
  { generation, position: from }: Checkpoint,
  next: Position,
): Promise<boolean> {
  const moved = await db.query(
    `update projection.checkpoint set position = $4, updated_at = now()
     where name = $1 and generation = $2 and position = $3 returning set_config('synchronous_commit', 'off', true)`,
    [schema, generation, from, next],
  );
  return moved.length === 1;
}

export async function readParked(tx: SqlTransaction, schema: string): Promise<ParkedStreams> {
  const rows = await tx.query<{ stream: StreamId; first_version: string }>(
    'select stream, first_version from projection.parked where name = $1',
    [schema],
  );
  return new Map(rows.map((row) => [row.stream, Number(row.first_version)]));
}

/** Requires the checkpoint's lock. */
export function park(tx: OpenTransaction, schema: string, parkings: readonly Parking[]): void {
  for (const { stream, firstVersion, firstPosition, reason } of parkings) {
    tx.execute(
      `insert into projection.parked values ($1, $2, $3, $4, $5, now())
       on conflict (name, stream) do update set first_version = excluded.first_version, first_position = excluded.first_position,
         reason = excluded.reason, parked_at = now()`,
      [schema, stream, firstVersion, firstPosition, reason],
    );
  }
  raiseRevision(tx, schema);
}

/** Requires the checkpoint's lock. */
export function unpark(tx: OpenTransaction, schema: string, stream: StreamId): void {
  tx.execute('delete from projection.parked where name = $1 and stream = $2', [schema, stream]);
  raiseRevision(tx, schema);
}

function raiseRevision(tx: OpenTransaction, schema: string): void {
  tx.execute('update projection.checkpoint set revision = revision + 1 where name = $1', [schema]);
}

type CheckpointRecord = {
  readonly version: number;
  readonly generation: string;
  readonly revision: string;
  readonly position: string;
  readonly partitions: number | null;
};

function checkpointOf(row: CheckpointRecord): Checkpoint {
  return {
    version: row.version,
    generation: Number(row.generation),
    revision: Number(row.revision),
    position: position(Number(row.position)),
    partitions: row.partitions,
  };
}
