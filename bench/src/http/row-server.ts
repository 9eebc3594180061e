// A bare Fastify route that reads one row by its key with a prepared statement and sends it as JSON: no guard, no
// validation, no log. The table is that of the read model of calls, with as many rows as were asked for.
import { callsProjection } from '@ringfence/read-models/calls/calls.projection';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import fastify from 'fastify';

const connectionsMax = 16;
const [rows = '', dataDir = ''] = process.argv.slice(2);

const database = await startEmbeddedPostgres({ dataDir });
const pool = openPool(database.url, { connectionsMax });
await pool.query(callsProjection.tables);
await pool.query(
  `insert into call select 'cs_' || lpad(n::text, 26, '0'), n, 'acct_00000000000000000000000001', 'test',
     'sub_00000000000000000000000001', 'sub_00000000000000000000000002', 1770000000000 + n, 'completed', 60000, 17000,
     1770000001000 + n, 1770000002000 + n, null, null, 1770000004000 + n, 'callee_hung_up', 'callee', 2000, 60000, 17000
   from generate_series(1, $1::int8) as n`,
  [rows],
);
await pool.query('vacuum analyze call');

const app = fastify();
app.get<{ readonly Params: { readonly id: string } }>('/api/v1/voice/calls/:id', async ({ params: { id } }, reply) => {
  const found = await pool.query({ name: 'row', text: 'select * from call where call_id = $1', values: [id] });
  const row: unknown = found.rows[0];
  if (row === undefined) return reply.code(404).send();
  return row;
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
console.log(JSON.stringify({ url, key: 'none' }));

process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => database.stop())
    .then(() => process.exit(0));
});
