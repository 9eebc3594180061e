import { invariant } from '@ringfence/kernel/invariant';
import type { Position } from '@ringfence/kernel/units';
import { readCheckpoint } from './checkpoints.js';
import { projectionFailures } from './failures.js';
import { furthestPosition } from './partitions.js';
import type { SqlDatabase, SqlTransaction } from '@ringfence/ports/sql/sql-database';

/** Rows fetched at a time. */
const dumpFetchRows = 5_000;

/**
 * Writes all rows of a projection in a canonical form: tables by name, columns in their order, rows by primary key,
 * every value as PostgreSQL's text or null. Two databases whose rows are equal give equal bytes.
 * @param line called with each line, without its line end
 * @returns the checkpoint of the very rows that were written
 * @throws Failure `projection_unknown`; `projection_uneven` (retryable): partitions feed the projection, and some are
 *   ahead of others
 */
export async function dump(db: SqlDatabase, name: string, line: (text: string) => void): Promise<Position> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    // Before the first query, which fixes the snapshot.
    await tx.query('lock table projection.swap in share mode');
    const checkpoint = await readCheckpoint(tx, name);
    if (checkpoint === undefined) throw projectionFailures.projection_unknown(name);
    if ((await furthestPosition(tx, name, checkpoint)) > checkpoint.position)
      throw projectionFailures.projection_uneven(name);
    const tables = await tx.query<TableShape>(shapesOfTables, [name]);
    for (const table of tables) {
      line(JSON.stringify({ table: table.name, columns: table.columns }));
      await dumpTable(tx, name, table, line);
    }
    return checkpoint.position;
  });
}

async function dumpTable(
  tx: SqlTransaction,
  schema: string,
  table: TableShape,
  line: (text: string) => void,
): Promise<void> {
  invariant(table.key !== null, `table ${table.name} of a projection has a primary key`);
  const columns = table.columns.map((column) => `"${column}"::text`).join(', ');
  const key = table.key.map((column) => `"${column}"`).join(', ');
  await tx.query(
    `declare dumped no scroll cursor for select json_build_array(${columns})::text as line from ${schema}."${table.name}" order by ${key}`,
  );
  for (;;) {
    const rows = await tx.query<{ line: string }>(`fetch ${dumpFetchRows} from dumped`);
    for (const row of rows) line(row.line);
    if (rows.length < dumpFetchRows) break;
  }
  await tx.query('close dumped');
}

type TableShape = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: readonly string[] | null;
};

const shapesOfTables = `
  select t.relname as name,
    (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
     where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped) as columns,
    (select array_agg(a.attname::text order by array_position(i.indkey::int2[], a.attnum)) from pg_index i
     join pg_attribute a on a.attrelid = t.oid and a.attnum = any(i.indkey) where i.indrelid = t.oid and i.indisprimary) as key
  from pg_class t join pg_namespace n on n.oid = t.relnamespace
  where n.nspname = $1 and t.relkind = 'r' order by t.relname`;
