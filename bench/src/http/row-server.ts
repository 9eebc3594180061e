// A bare Fastify route that reads one row by its key with a prepared statement and sends it as JSON: no guard, no
// validation, no log. The table is that of the read model of calls, with as many rows as were asked for.
import { parseCallId } from '@ringfence/kernel/ids';
import { packedId } from '@ringfence/kernel/packed-id';
import { callsProjection } from '@ringfence/read-models/calls/calls.projection';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import fastify from 'fastify';

const connectionsMax = 16;
const [rows = '', dataDir = ''] = process.argv.slice(2);

const database = await startEmbeddedPostgres({ dataDir });
const pool = openPool(database.url, { connectionsMax });
await pool.query(callsProjection.tables);
const ids = Array.from({ length: Number(rows) }, (_, at) => `cs_${String(at + 1).padStart(26, '0')}`);
await pool.query(
  `insert into call (call_id, placed_position, placed_at_ms, authorised_for_ms, reserved_micros, ringing_at_ms,
     answered_at_ms, ended_at_ms, talk_time_ms, billed_ms, charged_micros, account_id, from_subject, to_subject, mode,
     state, cause, ended_by)
   select call_id, n, 1770000000000 + n, 60000, 17000, 1770000001000 + n, 1770000002000 + n, 1770000004000 + n, 2000,
     60000, 17000, call_id, call_id, call_id, 'test', 'completed', 'callee_hung_up', 'callee'
   from unnest($1::uuid[]) with ordinality as asked (call_id, n)`,
  [ids.flatMap((id) => parseCallId(id) ?? []).map(packedId)],
);
await pool.query('vacuum analyze call');

const app = fastify();
app.get<{ readonly Params: { readonly id: string } }>('/api/v1/voice/calls/:id', async ({ params }, reply) => {
  const id = parseCallId(params.id);
  if (id === undefined) return reply.code(404).send();
  const values = [packedId(id)];
  const found = await pool.query({ name: 'row', text: 'select * from call where call_id = $1', values });
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
