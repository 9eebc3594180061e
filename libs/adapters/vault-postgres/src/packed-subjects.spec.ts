import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { type AccountId, platformStream, type SubjectId } from '@ringfence/kernel/ids';
import { packedId } from '@ringfence/kernel/packed-id';
import { subjectVaultContract } from '@ringfence/ports/vault/subject-vault.contract';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import type { Pool, QueryConfig } from 'pg';
import { ulid } from 'ulid';
import { PostgresSubjectVault } from './postgres-subject-vault.js';
import { rewrapKeys, wrappedKeyCounts } from './rewrap.js';

const account = 'acc_00000000000000000000000001' as AccountId;
const ids = { subjectId: () => `sub_${ulid()}` as SubjectId };
const master = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const first = master('first');

const databases: ScratchDatabase[] = [];
const pools: Pool[] = [];
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await Promise.all(databases.map((database) => database.close()));
});

async function newDatabase(): Promise<Pool> {
  const database = await openScratchDatabase();
  databases.push(database);
  const pool = openPool(database.url, { connectionsMax: 8 });
  pools.push(pool);
  return pool;
}

/** Opens the vault as another process would: with caches of its own. */
function openVault(pool: Pool, masterKeys = first): Promise<PostgresSubjectVault> {
  const ring = KeyRing.parse(masterKeys, 'RINGFENCE_MASTER_KEY');
  return PostgresSubjectVault.open({ pool, masterKeys: ring, ids, timers: new FakeTimers() });
}

subjectVaultContract('in PostgreSQL, packed', async () => {
  const vault = await openVault(await newDatabase());
  await vault.pack();
  return { vault, close: () => Promise.resolve() };
});

describe('a vault that packs', () => {
  let pool: Pool;
  beforeAll(async () => {
    pool = await newDatabase();
    await openVault(pool);
  });
  const counts = async () => {
    const sql = `select (select count(*)::integer from vault.subject) as plain,
      (select count(*)::integer from vault.packed_subject) as packed`;
    return (await pool.query<{ plain: number; packed: number }>(sql)).rows[0];
  };

  it('keeps the subjects and texts of values from before, and writes only new ones packed', async () => {
    const before = await openVault(pool);
    const plain = await before.seal(account, '+15005550170');
    await before.pack();
    const after = await openVault(pool);
    expect(await after.seal(account, '+15005550170')).toEqual(plain);
    expect(await counts()).toEqual({ plain: 1, packed: 0 });
    const packed = await after.seal(account, '+15005550171');
    const ofPlatform = await after.seal(platformStream, '+15005550171');
    expect(await counts()).toEqual({ plain: 1, packed: 2 });
    const third = await openVault(pool);
    expect(await third.open([plain, packed, ofPlatform])).toEqual(['+15005550170', '+15005550171', '+15005550171']);
    expect(await third.seal(account, '+15005550171')).toEqual(packed);
    expect(await third.seal(platformStream, '+15005550171')).toEqual(ofPlatform);
    expect(await third.find(platformStream, '+15005550171')).toBe(ofPlatform.subjectId);
    expect(await third.has(account, ofPlatform.subjectId)).toBe(false);
  });

  it('holds no value and no text of one', async () => {
    const value = 'Amélie Example, +15005550177';
    const { ciphertext } = await (await openVault(pool)).seal(account, value);
    const sql = `select string_agg(s::text, ' ') as all from vault.packed_subject s`;
    const all = (await pool.query<{ all: string }>(sql)).rows[0]?.all ?? '';
    expect(all.length).toBeGreaterThan(100);
    const hex = (text: Buffer) => text.toString('hex').slice(4, 24);
    const traces = [value, ciphertext, hex(Buffer.from(value)), hex(Buffer.from(ciphertext, 'base64url'))];
    expect(traces.filter((trace) => all.includes(trace))).toEqual([]);
  });

  it('loses the row of an erased subject', async () => {
    const vault = await openVault(pool);
    const { subjectId } = await vault.seal(account, '+15005550178');
    const rows = () => pool.query('select from vault.packed_subject where subject_id = $1', [packedId(subjectId)]);
    expect((await rows()).rowCount).toBe(1);
    await vault.erase(account, subjectId);
    expect((await rows()).rowCount).toBe(0);
    expect((await vault.seal(account, '+15005550178')).subjectId).not.toBe(subjectId);
  });

  it('is rewrapped with the rows from before: then the former key is needed by none', async () => {
    const fresh = master('second');
    const sealed = await (await openVault(pool)).seal(account, '+15005550179');
    const both = KeyRing.parse(`${fresh},${first}`, 'M');
    while ((await rewrapKeys(pool, both)) > 0);
    expect([...(await wrappedKeyCounts(pool)).keys()]).toEqual(['second']);
    const rotated = await openVault(pool, fresh);
    expect(await rotated.open([sealed])).toEqual(['+15005550179']);
    expect(await rotated.seal(account, '+15005550179')).toEqual(sealed);
    await expect(openVault(pool, first)).rejects.toMatchObject({ code: 'master_key_unknown' });
  });
});

describe('a vault that begins to pack', () => {
  it('waits for values that are being written: none gets a second subject', async () => {
    const pool = await newDatabase();
    const writer = await pool.connect();
    const query = (asked: QueryConfig | string, values?: unknown[]) => {
      if (typeof asked === 'string') return pool.query(asked, values);
      return (asked.name === 'vault_insert_or_read' ? writer : pool).query(asked);
    };
    const within = await openVault(Object.assign(Object.create(pool) as Pool, { query }));
    const vault = await openVault(pool);
    await writer.query('begin');
    const written = await within.seal(account, '+15005550180');
    const packing = vault.pack();
    const again = vault.seal(account, '+15005550180');
    await writer.query('commit');
    writer.release();
    await packing;
    expect(await again).toEqual(written);
  });
});
