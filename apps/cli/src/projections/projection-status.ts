import { ensureOwnTables, reachedSql } from '@ringfence/projections/checkpoints';
import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';

/** How far the rows of one projection have come. */
export type Standing = {
  readonly name: string;
  /** What this release builds. */
  readonly version: number;
  /** What stands in the database; null: nothing yet. */
  readonly builtVersion: number | null;
  /** Counts the rebuilds. */
  readonly generation: number | null;
  /** Of the next event it will see. */
  readonly position: number | null;
  /** Events that it has not seen yet. */
  readonly behind: number;
  /** Streams that wait for somebody to look. */
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
export async function standings(
  db: SqlDatabase,
  projections: readonly RunnableProjection[],
  head: number,
): Promise<readonly Standing[]> {
  await ensureOwnTables(db);
  const rows = await db.query<Row>(standingsSql);
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

const standingsSql = `
  select name, version, generation, ${reachedSql} as position,
    (select count(*) from projection.parked waiting where waiting.name = c.name) as parked
  from projection.checkpoint c`;
