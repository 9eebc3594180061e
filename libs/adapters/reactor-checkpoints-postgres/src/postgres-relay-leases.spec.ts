import { relayLeasesContract } from '@ringfence/ports/leases/relay-leases.contract';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { PostgresRelayLeases } from './postgres-relay-leases.js';

let database: ScratchDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openScratchDatabase();
  pool = openPool(database.url);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

relayLeasesContract(
  'in PostgreSQL',
  () => PostgresRelayLeases.open(pool),
  async (byMs) => {
    await pool.query(`update reactor.lease set heard_at = heard_at + $1::int8 * interval '1 millisecond'`, [byMs]);
  },
);

describe("the relays' leases in PostgreSQL", () => {
  it('go to one of many who ask at once', async () => {
    const leases = await PostgresRelayLeases.open(pool);
    const asked = ['one', 'two', 'three', 'four'].map((owner) =>
      leases.take({ relay: 'contended', owner, silentMs: 60_000, above: 0 as never }),
    );
    expect((await Promise.all(asked)).filter((lease) => lease !== null)).toHaveLength(1);
  });

  it('say that the database is away in a way that can be retried', async () => {
    const away = openPool('postgres://nobody@127.0.0.1:1/nothing');
    await expect(PostgresRelayLeases.open(away)).rejects.toMatchObject({
      code: 'relay_leases_unavailable',
      retryable: true,
    });
    await away.end();
  });
});
