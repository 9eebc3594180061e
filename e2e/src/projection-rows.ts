import pg from 'pg';

/** Tables of the engine itself, which record when something was done; they are not rows of a projection. */
const notProjections = [
  'pg_catalog',
  'information_schema',
  'log',
  'vault',
  'projection',
  'reactor',
  'public',
  'observer',
];

/** Reads every row of every read model, in the database's text form. */
export async function projectionRows(client: pg.Client): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables = await client.query<{ schema: string; name: string }>(
    `select schemaname as schema, tablename as name from pg_tables
     where schemaname <> all ($1) and schemaname !~ '^pg_' order by 1, 2`,
    [notProjections],
  );
  const dump: Record<string, readonly string[]> = {};
  for (const { schema, name } of tables.rows) {
    const table = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
    const { rows } = await client.query<{ line: string }>(`select t::text as line from ${table} t order by 1`);
    dump[`${schema}.${name}`] = rows.map(({ line }) => line);
  }
  return dump;
}
