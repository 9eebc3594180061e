import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import { reachedSql } from './checkpoints.js';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';

type ProjectionPosition = {
  readonly name: string;
  readonly version: number;
  /** Number of rebuilds, from 1. */
  readonly generation: number;
  /** The position of the next event: everything below it is in the rows. */
  readonly position: Position;
  readonly updatedAtMs: EpochMs;
  readonly parkedStreams: number;
  /** Position of a rebuild that is in progress or was abandoned; null: there is none. */
  readonly rebuildPosition: Position | null;
};

/** All projections that this database holds, by name. */
export async function projectionPositions(db: SqlTransaction): Promise<readonly ProjectionPosition[]> {
  const rows = await db.query<PositionRecord>(
    `select c.name, c.version, c.generation, ${reachedSql} as position, floor(extract(epoch from greatest(c.updated_at,
       (select max(p.updated_at) from projection.partition_checkpoint p where p.name = c.name))) * 1000)::int8 as updated_at_ms,
       (select count(*) from projection.parked p where p.name = c.name) as parked_streams, next.position as rebuild_position
     from projection.checkpoint c left join projection.checkpoint next on next.name = c.name || '_next'
     where c.name not like '%\\_next' order by c.name`,
    [],
  );
  return rows.map((row) => ({
    name: row.name,
    version: row.version,
    generation: Number(row.generation),
    position: position(Number(row.position)),
    updatedAtMs: epochMs(Number(row.updated_at_ms)),
    parkedStreams: Number(row.parked_streams),
    rebuildPosition: row.rebuild_position === null ? null : position(Number(row.rebuild_position)),
  }));
}

type PositionRecord = {
  readonly name: string;
  readonly version: number;
  readonly generation: string;
  readonly position: string;
  readonly updated_at_ms: string;
  readonly parked_streams: string;
  readonly rebuild_position: string | null;
};
