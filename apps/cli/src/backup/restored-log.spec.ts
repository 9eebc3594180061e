import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { openOrCreateLog } from '@ringfence/lanes/open-log';
import type { ReactorLease } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { RelayLease } from '@ringfence/ports/leases/relay-leases';
import { makeBackup } from '@ringfence/backup-postgres/backup';
import { restoreBackup } from '@ringfence/backup-postgres/restore';
import type { LaneFence } from '@ringfence/ports/log/event-store';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import { platformStream } from '@ringfence/kernel/ids';
import { type Epoch, laneCountDefault, laneOf } from '@ringfence/kernel/lane';
import { invariant } from '@ringfence/kernel/invariant';
import { PostgresReactorCheckpoints } from '@ringfence/reactor-checkpoints-postgres/postgres-reactor-checkpoints';
import { PostgresRelayLeases } from '@ringfence/reactor-checkpoints-postgres/postgres-relay-leases';
import { withClient } from '@ringfence/sql-postgres/held-client';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { durableKey } from '@ringfence/vault-postgres/durable-key';
import type { Pool } from 'pg';
import { backedUpSchemas, createPlatformSchemas, identifyLog } from './platform-schemas.js';
import { settleRestoredLog } from './restored-log.js';

const keyRing = (id: string) => KeyRing.parse(`${id}:${randomBytes(32).toString('base64')}`, 'spec');
const masterKeys = keyRing('m1');
const reactor = 'erasure';
const relay = 'spec';

/** Fences and leases of one process that owns everything. */
type Rights = { readonly fences: readonly LaneFence[]; readonly reactor: ReactorLease; readonly relay: RelayLease };

describe('a log restored in place of its lost database', () => {
  let folder: string;
  let scratch: ScratchDatabase;
  let pool: Pool;
  let store: PostgresEventStore;
  let checkpoints: PostgresReactorCheckpoints;
  let leases: PostgresRelayLeases;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-restored-'));
    scratch = await openScratchDatabase();
    pool = openPool(scratch.url);
    await withClient(pool, async (client) => {
      await client.query('begin');
      await createPlatformSchemas(client);
      await client.query('commit');
    });
    store = await PostgresEventStore.open(pool);
    checkpoints = await PostgresReactorCheckpoints.open(pool);
    leases = await PostgresRelayLeases.open(pool);
    await openOrCreateLog(store, { clock: new FakeClock(), ids: new PredictableIds(), owner: 'first' });
    await durableKey(pool, masterKeys, 'spec');
    await owner('first');
    const onTable = () => undefined;
    const beforeWhole = () => Promise.resolve();
    await makeBackup(pool, {
      folder: join(folder, 'backup'),
      schemas: backedUpSchemas,
      identify: identifyLog,
      beforeWhole,
      onTable,
    });
  });
  afterEach(async () => {
    await pool.end();
    await scratch.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function owner(name: string): Promise<Rights> {
    const lease = await leases.take({ relay, owner: name, silentMs: 0, above: 0 as Epoch });
    invariant(lease !== null, 'its holder is silent');
    const fences = await store.takeLanes([laneOf(platformStream, laneCountDefault)], name);
    return { fences, reactor: await checkpoints.take(reactor, name), relay: lease };
  }

  /** Replaces the database under running processes, which continue on the new one, as after a fail-over. */
  async function loseDatabase(): Promise<void> {
    const { pathname } = new URL(scratch.url);
    const admin = openPool(Object.assign(new URL(scratch.url), { pathname: '/postgres' }).href);
    const name = `"${decodeURIComponent(pathname.slice(1))}"`;
    await admin.query(`drop database ${name} with (force)`);
    await admin.query(`create database ${name}`);
    await admin.end();
  }

  function restore(keys: KeyRing | null = masterKeys) {
    return restoreBackup(pool, {
      folder: join(folder, 'backup'),
      schemas: backedUpSchemas,
      createSchemas: createPlatformSchemas,
      beforeCommit: (client, manifest) =>
        settleRestoredLog(client, manifest, { folder, laterEvents: [], masterKeys: keys, onProgress: () => undefined }),
      onTable: () => undefined,
    });
  }

  it('fences the owners of the lost database, however often ownership changed since the backup', async () => {
    const former: Rights[] = [];
    for (const name of ['second', 'third', 'fourth']) former.push(await owner(name));
    await loseDatabase();
    await restore();
    for (const name of ['new first', 'new second', 'new third']) {
      for (const { fences, reactor: checkpoint, relay: lease } of former) {
        await expect(store.fencedRead(fences)).rejects.toMatchObject({ code: 'lane_lease_lost' });
        await expect(checkpoint.save(checkpoint.next)).rejects.toMatchObject({ code: 'reactor_lease_lost' });
        await expect(lease.renew()).rejects.toMatchObject({ code: 'relay_lease_lost' });
      }
      const { fences, reactor: checkpoint, relay: lease } = await owner(name);
      await store.fencedRead(fences);
      await checkpoint.save(checkpoint.next);
      await lease.renew();
    }
  });

  it.each([
    ['another key of the same name', keyRing('m1'), 'wrapped_key_broken'],
    ['a key of another name', keyRing('m2'), 'master_key_unknown'],
  ])('is not restored where the master key at hand is %s', async (_what, keys, code) => {
    await loseDatabase();
    await expect(restore(keys)).rejects.toMatchObject({ code });
    const { rows } = await pool.query('select from pg_namespace where nspname = any($1)', [backedUpSchemas]);
    expect(rows).toEqual([]);
    await restore(null);
  });
});
