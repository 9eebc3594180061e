import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { linesOf, ringfence } from './command-line.js';
import { withDatabase } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';
import { projectionRows } from './projection-rows.js';
import {
  type Customer,
  issueKey,
  openAccount,
  patienceMs,
  placeCall,
  unlimited,
  until,
  wanted,
} from './test-accounts.js';

const secretNumber = '+14155550142';
/** Sealed after something was moved: its row in the vault is packed. */
const laterNumber = '+14155550143';
const calls = 420;
const connections = 16;
const env = { RINGFENCE_SANDBOX_SPEED: '200', RINGFENCE_LOG_HOT_EVENTS: '1024' };

describe('a log whose beginning is in segments', () => {
  let root: string;
  let platform: PlatformProcess;
  let customer: Customer;
  let first: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ringfence-e2e-segments-'));
    // Where root starts it, the cluster of a data folder below lies elsewhere if only root may enter this one.
    await chmod(root, 0o711);
    platform = await PlatformProcess.start({ env });
    customer = await issueKey(platform, await openAccount(platform, 'Ada Lovelace Ltd'), unlimited);
    first = (await placeCall(platform, customer.secret, secretNumber)).callId;
    await Promise.all(Array.from({ length: connections }, callInTurn));
    await until('the first page is in a segment', patienceMs, async () => (await seamOf(platform)).moved >= 256);
  });
  afterAll(async () => {
    await platform.discard();
    await rm(root, { recursive: true, force: true });
  });

  async function callInTurn(): Promise<void> {
    for (let call = 0; call < calls / connections; call += 1)
      await placeCall(platform, customer.secret, '+15005550000');
  }

  it('gives its clients all of a call that is in a page, and the operator its account and its key', async () => {
    const shown = await platform.ask(customer.secret, 'GET', `/api/v1/voice/calls/${first}`);
    expect(shown).toMatchObject({ status: 200, json: { id: first, to_number: secretNumber, state: 'completed' } });
    const authorization = await wanted(platform, 'GET', `/api/v1/voice/calls/${first}/authorization`);
    expect(JSON.stringify(authorization)).toContain(customer.keyId);
    const events = await wanted(platform, 'GET', `/api/v1/audit/events?account_id=${customer.accountId}&limit=5`);
    expect(JSON.stringify(events)).toContain('ringfence.account.opened');
    expect(await wanted(platform, 'GET', `/api/v1/keys/${customer.keyId}`)).toMatchObject({ id: customer.keyId });
  });

  it('goes on after a restart, is whole, and gives the same read models when they are rebuilt', async () => {
    platform = await restarted(platform);
    const again = await placeCall(platform, customer.secret, '+15005550000');
    expect(again.status).toBe(202);
    const whole = linesOf(await ringfence(platform.dataDir, ['replay', '--verify-only', '--json']));
    expect(whole[0]).toMatchObject({ report: { whole: true, findings: [] } });
    await platform.stop();
    const database = await startEmbeddedPostgres({ dataDir: platform.dataDir });
    try {
      const live = await withDatabase(platform.dataDir, projectionRows);
      const rebuilt = await ringfence(platform.dataDir, ['projections', 'rebuild', '--all', '--json']);
      expect({ code: rebuilt.code, err: rebuilt.err }).toEqual({ code: 0, err: '' });
      expect(await withDatabase(platform.dataDir, projectionRows)).toEqual(live);
    } finally {
      await database.stop();
    }
    platform = await platform.startAgain();
  });

  it('erases values of calls, one in a page, and is restored from a backup with the same positions', async () => {
    const later = (await placeCall(platform, customer.secret, laterNumber, 'later-1')).callId;
    expect(await packedIn(platform)).toEqual({ values: true, outcomes: true });
    for (const [callId, value] of [
      [first, secretNumber],
      [later, laterNumber],
    ] as const) {
      await wanted(platform, 'POST', `/api/v1/accounts/${customer.accountId}/subjects/erase`, { value });
      const shown = await platform.ask(customer.secret, 'GET', `/api/v1/voice/calls/${callId}`);
      expect(JSON.stringify(shown.json)).not.toContain(value);
    }
    const keys = ['--keys', join(root, 'keys.age')];
    const passphrase = { RINGFENCE_BACKUP_PASSPHRASE: 'correct horse battery staple' };
    const made = await ringfence(platform.dataDir, ['backup', join(root, 'one'), ...keys, '--json'], passphrase);
    expect({ code: made.code, err: made.err }).toEqual({ code: 0, err: '' });
    const { moved } = await seamOf(platform);
    const folder = join(root, 'restored');
    const restored = await ringfence(folder, ['restore', join(root, 'one'), ...keys, '--json'], passphrase);
    expect({ code: restored.code, err: restored.err }).toEqual({ code: 0, err: '' });
    const other = await PlatformProcess.start({ dataDir: folder, env });
    try {
      expect((await seamOf(other)).moved).toBeGreaterThanOrEqual(moved);
      const there = await other.ask(customer.secret, 'GET', `/api/v1/voice/calls/${first}`);
      expect(there).toMatchObject({ status: 200, json: { id: first, state: 'completed' } });
      expect((await placeCall(other, customer.secret, laterNumber, 'later-1')).callId).toBe(later);
      expect(JSON.stringify(there.json)).not.toContain(secretNumber);
    } finally {
      await other.stop();
    }
  });
});

async function restarted(platform: PlatformProcess): Promise<PlatformProcess> {
  await platform.terminate();
  return platform.startAgain();
}

/** Says whether the log and the vault write the forms that the release before does not read. */
async function packedIn({ dataDir }: PlatformProcess): Promise<unknown> {
  return withDatabase(dataDir, async (client) => {
    const { rows } = await client.query<object>(
      `select exists (select from vault.packed_subject) as values, exists (select from log.packed_outcome) as outcomes`,
    );
    return rows[0];
  });
}

/** Returns the number of positions in pages, and checks that rows begin exactly there. */
async function seamOf({ dataDir }: PlatformProcess): Promise<{ readonly moved: number }> {
  return withDatabase(dataDir, async (client) => {
    const { rows } = await client.query<{ moved: string; first: string }>(
      `select (select count(*) * 256 from log.page) as moved, (select min(position) from log.event) as first`,
    );
    expect(rows[0]?.first).toBe(rows[0]?.moved);
    return { moved: Number(rows[0]?.moved) };
  });
}
