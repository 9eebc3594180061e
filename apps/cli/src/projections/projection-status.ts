import { ensureOwnTables, reachedSql } from '@ringfence/projections/checkpoints';
import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';

/** Progress of one projection's rows. */
export type ProjectionStatus = {
  readonly name: string;
  /** The version that this release builds. */
  readonly version: number;
  /** The version in the database; null: none yet. */
  readonly builtVersion: number | null;
  /** The number of rebuilds. */
  readonly generation: number | null;
  /** The position of the next event to be applied. */
  readonly position: number | null;
  /** The number of events not applied yet. */
  readonly behind: number;
  /** The number of parked streams, which wait for an operator. */
  readonly parkedStreams: number;
};

type Row = {
  readonly name: string;
  readonly version: number;
  readonly generation: string;
  readonly position: string;
  readonly parked: string;
};

/** @param head the number of events in the log */
export async function projectionStatuses(
  db: SqlDatabase,
  projections: readonly RunnableProjection[],
  head: number,
): Promise<readonly ProjectionStatus[]> {
  await ensureOwnTables(db);
  const rows = await db.query<Row>(statusesSql);
  return projections.map(({ name, version }) => {
    const row = rows.find((each) => each.name === name);
    const position = row === undefined ? null : Number(row.position);
    return {
      name,
      version,
      builtVersion: row?.version ?? null,
      generation: row === undefined ? null : Number(row.generation),
      position,
      behind: Math.max(0, head - (position ?? 0)),
      parkedStreams: Number(row?.parked ?? 0),
    };
  });
}

const statusesSql = `
  select name, version, generation, ${reachedSql} as position,
    (select count(*) from projection.parked waiting where waiting.name = c.name) as parked
  from projection.checkpoint c`;
