import type { ClientBase } from 'pg';
import type { BackedUpColumn } from './manifest.js';

export type FoundTable = {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly BackedUpColumn[];
};

/** Tables in use, without those of extensions, whose data is not ours. */
const ownTables = `
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/**
 * Finds the tables of these schemas with the columns that hold data, in the same order for every database. Unlogged
 * tables are left out: they hold what is not to be kept.
 */
export async function tablesOf(client: ClientBase, schemas: readonly string[]): Promise<readonly FoundTable[]> {
  const { rows } = await client.query<{ schema: string; name: string; columns: readonly BackedUpColumn[] }>(
    `select n.nspname as schema, c.relname as name,
       (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
        from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
     ${ownTables} and c.relpersistence = 'p' and n.nspname = any($1) order by n.nspname collate "C", c.relname collate "C"`,
    [schemas],
  );
  return rows;
}

/** Finds some of the tables that exist in this database; none: it is empty. */
export async function anyTables(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name ${ownTables} order by 1 limit 3`,
  );
  return rows.map(({ name }) => name);
}

/** `"log"."event" ("position", …)` */
export function copyTarget({ schema, name, columns }: FoundTable): string {
  return `${quoted(schema)}.${quoted(name)} (${columns.map((column) => quoted(column.name)).join(', ')})`;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
