import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { subjectVaultContract } from '@ringfence/ports/vault/subject-vault.contract';
import { ReactionsModule } from '@ringfence/cqrs/reactions.module';
import { exampleEvents } from '@ringfence/testing/example-events';
import { ExampleLog } from '@ringfence/testing/example-log';
import { exampleAccountId } from '@ringfence/testing/examples';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { position } from '@ringfence/kernel/units';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import type { AccountId, SubjectId } from '@ringfence/kernel/ids';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pool, QueryConfig } from 'pg';
import { ulid } from 'ulid';
import { dataKeyReuseMs } from './data-keys.js';
import { PostgresSubjectVault, sealedTextReuseMs } from './postgres-subject-vault.js';
import { rewrapKeys } from './rewrap.js';

const account = 'acc_00000000000000000000000001' as AccountId;
const ids = { subjectId: () => `sub_${ulid()}` as SubjectId };
const master = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const first = master('first');

const fail = (failure: unknown): never => {
  throw failure;
};

let database: ScratchDatabase;
const pools: Pool[] = [];

beforeAll(async () => {
  database = await openScratchDatabase();
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.close();
});

function newPool(): Pool {
  const pool = openPool(database.url, { connectionsMax: 4 });
  pools.push(pool);
  return pool;
}

/** Opens the vault as another process would: with a pool and caches of its own. */
function openVault(masterKeys = first, pool = newPool(), timers = new FakeTimers()): Promise<PostgresSubjectVault> {
  return PostgresSubjectVault.open({
    pool,
    masterKeys: KeyRing.parse(masterKeys, 'RINGFENCE_MASTER_KEY'),
    ids,
    timers,
  });
}

subjectVaultContract('in PostgreSQL', async () => ({ vault: await openVault(), close: () => Promise.resolve() }));

describe('vaults of several processes', () => {
  const testEnds = new AbortController();
  afterAll(() => {
    testEnds.abort();
  });
  /** Lets a vault learn of erasures as a process does. */
  function followErasures(log: ExampleLog, vault: PostgresSubjectVault): Promise<INestApplicationContext> {
    const feed = new EventFeed(log.store, log.clock, fail);
    void feed.run(testEnds.signal);
    const parts = { source: feed, from: position(0), clock: log.clock, timers: systemTimers, onFailure: fail };
    return NestFactory.createApplicationContext(ReactionsModule.on(parts, vault), { logger: false });
  }

  it('make one subject of a value that all seal at once', async () => {
    const vaults = await Promise.all([openVault(), openVault(), openVault()]);
    const values = Array.from({ length: 300 }, (_, at) => `+1500555${String(at).padStart(4, '0')}`);
    const sealed = await Promise.all(
      vaults.map((vault, at) =>
        Promise.all(
          (at === 1 ? values.toReversed() : values).map(
            async (value) => [value, await vault.seal(account, value)] as const,
          ),
        ),
      ),
    );
    const subjects = new Map(values.map((value) => [value, new Set<string>()]));
    for (const [value, { subjectId }] of sealed.flat()) subjects.get(value)?.add(subjectId);
    expect([...subjects.values()].filter((each) => each.size !== 1)).toEqual([]);
  });

  it('open nothing that they have erased themselves, or have not opened before its erasure', async () => {
    const [one, other] = await Promise.all([openVault(), openVault()]);
    const sealed = await one.seal(account, '+15005550100');
    expect(await one.open([sealed])).toEqual(['+15005550100']);
    await one.erase(account, sealed.subjectId);
    expect(await one.open([sealed])).toEqual([null]);
    expect(await other.open([sealed])).toEqual([null]);
  });

  it('open what another process has erased no longer than they keep a data key', async () => {
    const timers = new FakeTimers();
    await timers.advance(1); // the cache treats 0 as no time at all
    const [one, other] = await Promise.all([openVault(), openVault(first, newPool(), timers)]);
    const sealed = await one.seal(account, '+15005550103');
    expect(await other.open([sealed])).toEqual(['+15005550103']);
    await one.erase(account, sealed.subjectId);
    await timers.advance(dataKeyReuseMs);
    expect(await other.open([sealed])).toEqual(['+15005550103']);
    await timers.advance(1);
    expect(await other.open([sealed])).toEqual([null]);
  });

  it('open nothing that another process has erased, once they learn of it from the log', async () => {
    const log = new ExampleLog();
    const [one, other] = await Promise.all([openVault(), openVault(first, newPool(), new FakeTimers(log.clock))]);
    const sealed = await one.seal(exampleAccountId, '+15005550104');
    expect(await other.open([sealed])).toEqual(['+15005550104']);
    const app = await followErasures(log, other);
    await one.erase(exampleAccountId, sealed.subjectId);
    expect(await other.open([sealed])).toEqual(['+15005550104']);
    await log.append({ ...exampleEvents.SubjectErased, subjectId: sealed.subjectId });
    let [opened] = await other.open([sealed]);
    while (opened !== null && !testEnds.signal.aborted) {
      await nextTurn();
      [opened] = await other.open([sealed]);
    }
    expect(opened).toBeNull();
    await app.close();
  });

  it('give an erased value a new subject no later than a cached one may be reused', async () => {
    const timers = new FakeTimers();
    await timers.advance(1); // the cache treats 0 as no time at all
    const [one, other] = await Promise.all([openVault(), openVault(first, newPool(), timers)]);
    const sealed = await one.seal(account, '+15005550101');
    expect(await other.seal(account, '+15005550101')).toEqual(sealed);
    await one.erase(account, sealed.subjectId);
    expect((await one.seal(account, '+15005550101')).subjectId).not.toBe(sealed.subjectId);
    await timers.advance(sealedTextReuseMs);
    expect(await other.seal(account, '+15005550101')).toEqual(sealed);
    await timers.advance(1);
    expect((await other.seal(account, '+15005550101')).subjectId).not.toBe(sealed.subjectId);
  });

  it('return none that another process has erased, once they learn of it from the log', async () => {
    const log = new ExampleLog();
    // Time does not advance: on its own it would for ever return what it has sealed.
    const [one, other] = await Promise.all([openVault(), openVault(first, newPool(), new FakeTimers(log.clock))]);
    const sealed = await other.seal(exampleAccountId, '+15005550102');
    const app = await followErasures(log, other);
    await one.erase(exampleAccountId, sealed.subjectId);
    expect(await other.seal(exampleAccountId, '+15005550102')).toEqual(sealed);
    await log.append({ ...exampleEvents.SubjectErased, subjectId: sealed.subjectId });
    let again = sealed;
    while (again.subjectId === sealed.subjectId && !testEnds.signal.aborted) {
      await nextTurn();
      again = await other.seal(exampleAccountId, '+15005550102');
    }
    expect(await one.open([again])).toEqual(['+15005550102']);
    await app.close();
  });

  it('leave no value that cannot be opened, however they seal and erase against each other', async () => {
    const [one, other] = await Promise.all([openVault(), openVault()]);
    for (let round = 0; round < 30; round += 1) {
      const value = `+1500556${String(round).padStart(4, '0')}`;
      const { subjectId } = await one.seal(account, value);
      const [fromOther] = await Promise.all([other.seal(account, value), one.erase(account, subjectId)]);
      const fromOne = await one.seal(account, value);
      expect(await one.open([fromOne])).toEqual([value]);
      expect([value, null]).toContain((await other.open([fromOther]))[0]);
      expect(fromOne.subjectId).not.toBe(subjectId);
    }
  });
});

/** A pool with another `query`. */
function answering(pool: Pool, query: (asked: QueryConfig | string, values?: unknown[]) => Promise<unknown>): Pool {
  return new Proxy(pool, { get: (target, name): unknown => (name === 'query' ? query : Reflect.get(target, name)) });
}

/** A pool that counts the reads of data keys. */
function counting(pool: Pool): { readonly pool: Pool; readonly reads: () => number } {
  let count = 0;
  const query = (asked: QueryConfig | string, values?: unknown[]): Promise<unknown> => {
    if (typeof asked === 'string') return pool.query(asked, values);
    if (asked.name === 'vault_read_keys') count += 1;
    return pool.query(asked);
  };
  return { pool: answering(pool, query), reads: () => count };
}

/** A pool whose answers to a statement are held back, once they have come, until they are let go. */
function holdingBack(
  statement: 'vault_insert_or_read' | 'vault_read_keys',
  pool: Pool,
): {
  readonly pool: Pool;
  readonly arrived: Promise<unknown>;
  readonly release: () => void;
} {
  const gate = new EventEmitter();
  const [arrived, open] = [once(gate, 'arrived'), once(gate, 'open')];
  const query = async (asked: QueryConfig | string, values?: unknown[]): Promise<unknown> => {
    const answer = await (typeof asked === 'string' ? pool.query(asked, values) : pool.query(asked));
    if (typeof asked === 'string' || asked.name !== statement) return answer;
    gate.emit('arrived');
    await open;
    return answer;
  };
  return { pool: answering(pool, query), arrived, release: () => gate.emit('open') };
}

describe('an answer that comes back after the erasure of what it names', () => {
  it('is not given to anybody who asks after the erasure', async () => {
    const value = '+15005550120';
    const { subjectId } = await (await openVault()).seal(account, value);
    const held = holdingBack('vault_insert_or_read', newPool());
    const vault = await openVault(first, held.pool);
    const early = vault.seal(account, value);
    await held.arrived;
    await vault.erase(account, subjectId);
    const late = vault.seal(account, value);
    held.release();
    expect((await early).subjectId).toBe(subjectId);
    expect((await late).subjectId).not.toBe(subjectId);
  });

  it('is not kept for later', async () => {
    const value = '+15005550121';
    const { subjectId } = await (await openVault()).seal(account, value);
    const held = holdingBack('vault_insert_or_read', newPool());
    const vault = await openVault(first, held.pool);
    const early = vault.seal(account, value);
    await held.arrived;
    await vault.erase(account, subjectId);
    held.release();
    expect((await early).subjectId).toBe(subjectId);
    expect((await vault.seal(account, value)).subjectId).not.toBe(subjectId);
  });
});

describe('a data key', () => {
  const value = '+15005550130';

  it('is read once for all that is opened with it', async () => {
    const { pool, reads } = counting(newPool());
    const vault = await openVault(first, pool);
    const sealed = await (await openVault()).seal(account, value);
    for (let time = 0; time < 3; time += 1) expect(await vault.open([sealed, sealed])).toEqual([value, value]);
    expect(reads()).toBe(1);
  });

  it('is not read by the process that has sealed the value', async () => {
    const { pool, reads } = counting(newPool());
    const vault = await openVault(first, pool);
    const sealed = await vault.seal(account, `${value} sealed here`);
    expect(await vault.open([sealed])).toEqual([`${value} sealed here`]);
    expect(reads()).toBe(0);
  });

  it('that arrives after the erasure of its subject is not kept', async () => {
    const sealed = await (await openVault()).seal(account, `${value} early`);
    const held = holdingBack('vault_read_keys', newPool());
    const vault = await openVault(first, held.pool);
    const early = vault.open([sealed]);
    await held.arrived;
    await vault.erase(account, sealed.subjectId);
    held.release();
    expect(await early).toEqual([`${value} early`]);
    expect(await vault.open([sealed])).toEqual([null]);
  });
});

describe('the tables of the vault', () => {
  it('hold no value, neither in clear nor in base64', async () => {
    const vault = await openVault();
    const value = 'Amélie Example, +15005550177';
    await vault.seal(account, value);
    const { rows } = await newPool().query<{ all: string }>(
      `select string_agg(s::text, ' ') as all from vault.subject s`,
    );
    const all = rows[0]?.all ?? '';
    expect(all.length).toBeGreaterThan(100);
    const traces = [
      value,
      '15005550177',
      'Example',
      Buffer.from(value).toString('base64url').slice(4, 20),
      Buffer.from('15005550177').toString('hex'),
    ];
    expect(traces.filter((trace) => all.includes(trace))).toEqual([]);
  });

  it('lose the row of an erased subject', async () => {
    const vault = await openVault();
    const { subjectId } = await vault.seal(account, '+15005550178');
    await vault.erase(account, subjectId);
    const { rows } = await newPool().query('select 1 from vault.subject where subject_id = $1', [subjectId]);
    expect(rows).toEqual([]);
  });
});

describe('the master key', () => {
  it('can be rotated: values keep their subjects, and the old key is no longer needed', async () => {
    const fresh = master('second');
    const [value, sealed] = ['+15005550180', await (await openVault()).seal(account, '+15005550180')];
    const durable = await (await openVault()).durableKey('rotation');
    const both = KeyRing.parse(`${fresh},${first}`, 'M');
    while ((await rewrapKeys(newPool(), both)) > 0);
    const rotated = await openVault(fresh);
    expect(await rotated.open([sealed])).toEqual([value]);
    expect(await rotated.seal(account, value)).toEqual(sealed);
    expect(await rotated.durableKey('rotation')).toEqual(durable);
    await expect(openVault(first)).rejects.toMatchObject({ code: 'master_key_unknown', retryable: false });
    while ((await rewrapKeys(newPool(), KeyRing.parse(`${first},${fresh}`, 'M'))) > 0);
  });

  it('that is another under the same name is found out at the start', async () => {
    await openVault();
    await expect(openVault(master('first'))).rejects.toMatchObject({ code: 'wrapped_key_broken', retryable: false });
  });

  it('gives the same durable key to all who ask for it first', async () => {
    const vaults = await Promise.all([openVault(), openVault(), openVault()]);
    const keys = await Promise.all(vaults.map((vault) => vault.durableKey('asked for at once')));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
  });
});

describe('a vault whose database is away', () => {
  it('fails in a way that can be tried again', async () => {
    const pool = newPool();
    const vault = await openVault(first, pool);
    const sealed = await (await openVault()).seal(account, '+15005550190');
    pools.splice(pools.indexOf(pool), 1);
    await pool.end();
    const away = { code: 'vault_unavailable', retryable: true };
    await expect(vault.seal(account, '+15005550191')).rejects.toMatchObject(away);
    await expect(vault.open([sealed])).rejects.toMatchObject(away);
    await expect(vault.erase(account, sealed.subjectId)).rejects.toMatchObject(away);
  });

  it('forgets a data key that is erased all the same', async () => {
    const pool = newPool();
    const vault = await openVault(first, pool);
    const sealed = await vault.seal(account, '+15005559192');
    pools.splice(pools.indexOf(pool), 1);
    await pool.end();
    expect(await vault.open([sealed])).toEqual(['+15005559192']);
    const away = { code: 'vault_unavailable', retryable: true };
    await expect(vault.erase(account, sealed.subjectId)).rejects.toMatchObject(away);
    await expect(vault.open([sealed])).rejects.toMatchObject(away);
  });
});
