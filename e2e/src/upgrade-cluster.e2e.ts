import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { sharedTopics } from '@ringfence/testing/kafka/shared-broker';
import { readLog, withDatabase } from './log-in-hand.js';
import { buildNextRelease, type NextRelease } from './next-release.js';
import { PlatformProcess } from './platform-process.js';

const tries = 200;
const retryAfterMs = 200;

let dataDir: string;
let database: EmbeddedPostgres;
let next: NextRelease;
let env: Readonly<Record<string, string>>;
const running = new Map<string, PlatformProcess>();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
  const { brokers, topicPrefix } = await sharedTopics(basename(dataDir));
  [database, next] = await Promise.all([startEmbeddedPostgres({ dataDir }), buildNextRelease()]);
  const secret = (id: string) => `${id}:${Buffer.alloc(32, id).toString('base64')}`;
  env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: brokers.join(','),
    RINGFENCE_TOPIC_PREFIX: topicPrefix,
    RINGFENCE_MASTER_KEY: secret('master'),
    RINGFENCE_PEPPER: secret('pepper'),
    RINGFENCE_VOUCH_KEY: secret('vouch'),
  };
});
afterAll(async () => {
  for (const process of running.values()) await process.stop();
  await database.stop();
  await next.discard();
  await rm(dataDir, { recursive: true, force: true });
});

/** @param name of its data folder; the same name is the same place, whatever release is in it */
async function start(name: string, role: string, release: NextRelease | null): Promise<PlatformProcess> {
  await running.get(name)?.stop();
  const options = { dataDir: join(dataDir, name), env: { ...env, RINGFENCE_ROLES: role } };
  const started = await PlatformProcess.start(release === null ? options : { ...options, main: release.main });
  running.set(name, started);
  return started;
}

async function until<Value>(look: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  let value = await look();
  for (let attempt = 1; attempt < tries && !holds(value); attempt += 1) {
    await sleep(retryAfterMs);
    value = await look();
  }
  expect(holds(value) ? 'it came' : value).toBe('it came');
  return value;
}

async function health(of: PlatformProcess): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${of.url}/health/ready`);
  return { status: answer.status, text: await answer.text() };
}

/** How far the partition of each stream has come in the ledger, and how much was ever paid in. */
async function ledger(): Promise<{ readonly reached: readonly number[]; readonly paidIn: number }> {
  return withDatabase(dataDir, async (client) => {
    const positions = await client.query<{ position: string }>(
      `select position from projection.partition_checkpoint where name = 'ledger' order by partition`,
    );
    const paid = await client.query<{ sum: string }>(
      `select coalesce(sum(cash_debit_micros), 0)::text as sum from ledger.balance where book = 'live'`,
    );
    return { reached: positions.rows.map((row) => Number(row.position)), paidIn: Number(paid.rows[0]?.sum) };
  });
}

async function addCredit(gateway: PlatformProcess, micros: number, keys: { adminKey: string; accountId: string }) {
  const body = { mode: 'live', amount_micros: String(micros) };
  const headers = { 'idempotency-key': `credit-${String(micros)}` };
  const path = `/api/v1/accounts/${keys.accountId}/credit`;
  await until(
    () => gateway.ask(keys.adminKey, 'POST', path, body, headers),
    ({ status }) => status === 200,
  );
}

describe('an old release beside a new one', () => {
  it('stops at an event that it does not know, says so and skips nothing; the new one goes on, and in the old one’s place exactly there', async () => {
    await start('decider', 'decider', null);
    const oldProjector = await start('projector', 'projector', null);
    const oldGateway = await start('gateway-1', 'gateway', null);
    const { keys } = oldGateway;
    const before = (await until(ledger, ({ paidIn }) => paidIn > 0)).paidIn;
    await addCredit(oldGateway, 1_000_000, keys);
    await until(ledger, ({ paidIn }) => paidIn === before + 1_000_000);

    // Not the order in which it should be done: what writes comes first.
    await start('decider', 'decider', next);
    const newGateway = await start('gateway-2', 'gateway', next);
    await addCredit(newGateway, 2_000_000, keys);
    const log = await readLog(dataDir);
    const credit = log.at(-1);
    expect(log.filter(({ type }) => type.includes('credit_added')).map(({ type }) => type.slice(-2))).toContain('v1');
    expect(credit?.type).toBe('ringfence.account.credit_added.v2');

    const red = await until(
      () => health(oldProjector),
      ({ text }) => ['accounts', 'audit_trail', 'key_registry', 'ledger', 'usage'].every((name) => text.includes(name)),
    );
    expect(red).toMatchObject({ status: 503 });
    expect(oldProjector.stderr).toMatch(/"projection":"ledger"[^\n]*event_version_unknown[^\n]*stands still/);
    const shut = await until(
      () => health(oldGateway),
      ({ status }) => status === 503,
    );
    expect(shut.text).toContain('key_registry');
    expect(oldGateway.stderr).toMatch(/event_version_unknown[^\n]*the key registry cannot follow the log/);
    expect((await oldGateway.ask(keys.adminKey, 'GET', '/api/v1/accounts')).status).toBe(503);

    const stopped = await ledger();
    expect(stopped.paidIn).toBe(before + 1_000_000);
    expect(stopped.reached.filter((position) => position === credit?.position).length).toBeGreaterThan(0);
    expect(stopped.reached.filter((position) => position < (credit?.position ?? 0))).toEqual([]);

    await start('projector-2', 'projector', next);
    await until(ledger, ({ paidIn }) => paidIn === before + 3_000_000);
    await addCredit(newGateway, 4_000_000, keys);
    await until(ledger, ({ paidIn }) => paidIn === before + 7_000_000);
    expect((await health(newGateway)).status).toBe(200);

    const head = (await readLog(dataDir)).length;
    const replaced = await start('projector', 'projector', next);
    await running.get('projector-2')?.stop();
    await addCredit(newGateway, 8_000_000, keys);
    await until(
      ledger,
      ({ paidIn, reached }) => paidIn === before + 15_000_000 && reached.every((position) => position > head),
    );
    expect((await health(replaced)).status).toBe(200);
    expect((await health(await start('gateway-1', 'gateway', next))).status).toBe(200);
  });

  it('ends where it decides, and says so; the new one decides', async () => {
    await start('decider', 'decider', next);
    await start('projector', 'projector', next);
    const gateway = await start('gateway-1', 'gateway', next);
    const { keys } = gateway;
    const before = (await until(ledger, ({ paidIn }) => paidIn > 0)).paidIn;
    const oldDecider = await start('decider-2', 'decider', null);
    // Whose lane the account is in, one of them has: the old one cannot read what the new one has written, or writes now.
    await addCredit(gateway, 16_000_000, keys);
    expect(await oldDecider.ended()).toBe(1);
    expect(oldDecider.stderr).toMatch(/event_version_unknown[^\n]*this process can decide nothing any more and ends/);
    expect(oldDecider.stderr).not.toContain('was set aside');
    await addCredit(gateway, 32_000_000, keys);
    await until(ledger, ({ paidIn }) => paidIn === before + 48_000_000);
  });
});
