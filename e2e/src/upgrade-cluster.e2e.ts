import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readLog, withDatabase } from './log-reader.js';
import type { PlatformProcess } from './platform-process.js';
import { health, TwoReleases, pollUntil } from './two-releases.js';

let cluster: TwoReleases;
beforeAll(async () => {
  cluster = await TwoReleases.prepare('account.credit_added');
});
afterAll(() => cluster.discard());

/** Returns how far the partition of each stream has come in the ledger, and how much was ever paid in. */
async function ledger(): Promise<{ readonly reached: readonly number[]; readonly paidIn: number }> {
  return withDatabase(cluster.dataDir, async (client) => {
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
  await pollUntil(
    () => gateway.ask(keys.adminKey, 'POST', path, body, headers),
    ({ status }) => status === 200,
  );
}

describe('an old release beside a new one', () => {
  it('stops at an event that it does not know, says so and skips nothing; the new one goes on, and in the old one’s place exactly there', async () => {
    await cluster.start('decider', 'decider', 'this');
    const oldProjector = await cluster.start('projector', 'projector', 'this');
    const oldGateway = await cluster.start('gateway-1', 'gateway', 'this');
    const { keys } = oldGateway;
    const before = (await pollUntil(ledger, ({ paidIn }) => paidIn > 0)).paidIn;
    await addCredit(oldGateway, 1_000_000, keys);
    await pollUntil(ledger, ({ paidIn }) => paidIn === before + 1_000_000);

    // Not the order in which it should be done: what writes comes first.
    await cluster.start('decider', 'decider', 'next');
    const newGateway = await cluster.start('gateway-2', 'gateway', 'next');
    await addCredit(newGateway, 2_000_000, keys);
    const log = await readLog(cluster.dataDir);
    const credit = log.at(-1);
    expect(log.filter(({ type }) => type.includes('credit_added')).map(({ type }) => type.slice(-2))).toContain('v1');
    expect(credit?.type).toBe('ringfence.account.credit_added.v2');

    const red = await pollUntil(
      () => health(oldProjector),
      ({ text }) => ['accounts', 'audit_trail', 'key_registry', 'ledger', 'usage'].every((name) => text.includes(name)),
    );
    expect(red).toMatchObject({ status: 503 });
    expect(oldProjector.stderr).toMatch(
      /"event":"projection_stopped"[^\n]*"projection":"ledger"[^\n]*event_version_unknown/,
    );
    const shut = await pollUntil(
      () => health(oldGateway),
      ({ status }) => status === 503,
    );
    expect(shut.text).toContain('key_registry');
    expect(oldGateway.stderr).toMatch(/"event":"key_registry_behind"[^\n]*event_version_unknown/);
    expect((await oldGateway.ask(keys.adminKey, 'GET', '/api/v1/accounts')).status).toBe(503);

    const stopped = await ledger();
    expect(stopped.paidIn).toBe(before + 1_000_000);
    expect(stopped.reached.filter((position) => position === credit?.position).length).toBeGreaterThan(0);
    expect(stopped.reached.filter((position) => position < (credit?.position ?? 0))).toEqual([]);

    await cluster.start('projector-2', 'projector', 'next');
    await pollUntil(ledger, ({ paidIn }) => paidIn === before + 3_000_000);
    await addCredit(newGateway, 4_000_000, keys);
    await pollUntil(ledger, ({ paidIn }) => paidIn === before + 7_000_000);
    expect((await health(newGateway)).status).toBe(200);

    const head = (await readLog(cluster.dataDir)).length;
    const replaced = await cluster.start('projector', 'projector', 'next');
    await cluster.stop('projector-2');
    await addCredit(newGateway, 8_000_000, keys);
    await pollUntil(
      ledger,
      ({ paidIn, reached }) => paidIn === before + 15_000_000 && reached.every((position) => position > head),
    );
    expect((await health(replaced)).status).toBe(200);
    expect((await health(await cluster.start('gateway-1', 'gateway', 'next'))).status).toBe(200);
  });

  it('ends where it decides, and says so; the new one decides', async () => {
    await cluster.start('decider', 'decider', 'next');
    await cluster.start('projector', 'projector', 'next');
    const gateway = await cluster.start('gateway-1', 'gateway', 'next');
    const { keys } = gateway;
    const before = (await pollUntil(ledger, ({ paidIn }) => paidIn > 0)).paidIn;
    const oldDecider = await cluster.start('decider-2', 'decider', 'this');
    // Whose lane the account is in, one of them has: the old one cannot read what the new one has written, or writes
    // now.
    await addCredit(gateway, 16_000_000, keys);
    expect(await oldDecider.ended()).toBe(1);
    expect(oldDecider.stderr).toMatch(/"event":"release_outdated"[^\n]*event_version_unknown/);
    expect(oldDecider.stderr).not.toMatch(/"event":"(command_parked|account_quarantined)"/);
    await addCredit(gateway, 32_000_000, keys);
    await pollUntil(ledger, ({ paidIn }) => paidIn === before + 48_000_000);
  });
});
