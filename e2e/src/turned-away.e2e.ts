import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintSecret } from '@ringfence/auth/key-secret';
import { type Customer, issueKey, openAccount, patienceMs, placeCall, until, wanted } from './test-accounts.js';
import { type StoredEvent, readLog, withDatabase } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';
import { rejectionsIn } from './rejections-in.js';

const calls = '/api/v1/voice/calls';
const numberThatAnswers = '+15005550000';

let platform: PlatformProcess;
let accountId: string;
beforeAll(async () => {
  platform = await PlatformProcess.start();
  accountId = await openAccount(platform, 'Rejected');
});
afterAll(async () => {
  await platform.discard();
});

const read = async (keyId: string) => rejectionsIn(await readLog(platform.dataDir), keyId);

/** Waits until the log knows of so many. @returns what it says of them */
async function rejectionsOf(keyId: string, count: number): Promise<readonly StoredEvent[]> {
  await until(
    `the log records ${String(count)} rejections`,
    patienceMs,
    async () => (await read(keyId)).count >= count,
  );
  const { count: found, events } = await read(keyId);
  expect(found).toBe(count);
  expect(new Set(events.map(({ stream }) => stream))).toEqual(new Set([accountId]));
  return events;
}

const codesOf = (events: readonly StoredEvent[]) => new Set(events.map(({ data }) => data['code']));

/** Checks that there is at most one in full and one count per second. */
function areSummed(events: readonly StoredEvent[]): void {
  const seconds = events.map(({ type, data }) =>
    type.includes('counted')
      ? `counted ${String(data['secondStartMs'])}`
      : `full ${String(Math.floor(Number(data['turnedAwayAtMs']) / 1_000))}`,
  );
  expect(seconds).toEqual([...new Set(seconds)]);
}

/** @returns when the gateway has rejected its key, once */
async function revoked({ keyId, secret }: Customer): Promise<void> {
  await wanted(platform, 'POST', `/api/v1/keys/${keyId}/revoke`, { reason: 'leaked' });
  await until('the gateway knows of the revocation', patienceMs, async () => {
    const { status } = await platform.ask(secret, 'GET', calls);
    return status === 401;
  });
}

async function answers(count: number, ask: () => Promise<{ readonly status: number }>): Promise<readonly number[]> {
  const answers = await Promise.all(Array.from({ length: count }, ask));
  return answers.map(({ status }) => status);
}

describe('requests that a gateway rejects with a known key', () => {
  it('is in the log of the account, with the key and the reason: fifty requests with a revoked key are fifty', async () => {
    const customer = await issueKey(platform, accountId, {});
    await revoked(customer);
    const more = await answers(49, () => placeCall(platform, customer.secret, numberThatAnswers));
    expect(more).toEqual(Array(49).fill(401));
    const events = await rejectionsOf(customer.keyId, 50);
    expect(codesOf(events)).toEqual(new Set(['key_revoked']));
    areSummed(events);
    const [first] = events;
    expect(first?.type).toBe('ringfence.audit.command_turned_away.v3');
    expect(first?.json).toMatchObject({ subject: customer.keyId, mode: 'test', issuedbykind: 'worker' });
    expect(first?.data).toMatchObject({ presentedKeyId: customer.keyId, commandType: null });
  });

  it.each([
    ['its address', { source_cidrs: ['192.0.2.0/24'] }, () => calls, 'source_not_allowed', 'source_not_allowed'],
    ['its scope', {}, () => '/api/v1/ledger', 'scope_not_held', 'scope_missing'],
    ['being no operator’s', {}, () => `/api/v1/accounts/${accountId}/verify`, 'operator_only', 'presenter_not_allowed'],
  ])('are recorded with the reason %s', async (_what, policy, path, code, reason) => {
    const { keyId, secret } = await issueKey(platform, accountId, policy);
    const asked = () =>
      code === 'operator_only' ? platform.ask(secret, 'POST', path(), {}) : platform.ask(secret, 'GET', path());
    const { status, json } = await asked();
    expect([status, (json as { code?: unknown }).code]).toEqual([403, code]);
    expect(await answers(4, asked)).toEqual(Array(4).fill(403));
    expect(codesOf(await rejectionsOf(keyId, 5))).toEqual(new Set([reason]));
  });

  it('are recorded, but not those without a key or with an unknown one, which anybody could send without end', async () => {
    const customer = await issueKey(platform, accountId, {});
    const before = (await readLog(platform.dataDir)).length;
    const nobodys = mintSecret('test').text;
    for (const secret of ['', 'rf_test_', nobodys, `${customer.secret.slice(0, -1)}?`])
      expect(await answers(5, () => platform.ask(secret, 'GET', calls))).toEqual(Array(5).fill(401));
    await revoked(customer);
    await rejectionsOf(customer.keyId, 1);
    const since = (await readLog(platform.dataDir)).slice(before);
    const rejected = since.filter(({ type }) => type.includes('turned_away'));
    expect(rejected.map(({ json }) => json['presentedkeyid'])).toEqual([customer.keyId]);
  });

  it('are recorded before the process ends, when it is stopped at once', async () => {
    const customer = await issueKey(platform, accountId, {});
    await revoked(customer);
    expect(await answers(19, () => platform.ask(customer.secret, 'GET', calls))).toEqual(Array(19).fill(401));
    expect(await platform.stop()).toBe(0);
    platform = await platform.startAgain();
    expect((await read(customer.keyId)).count).toBe(20);
  });
});

describe('an event of an earlier release', () => {
  it('is listed to an auditor under the type and with the bytes that it was written with', async () => {
    const customer = await issueKey(platform, accountId, { source_cidrs: ['192.0.2.0/24'] });
    expect(await answers(1, () => platform.ask(customer.secret, 'GET', calls))).toEqual([403]);
    const [event] = await rejectionsOf(customer.keyId, 1);
    const type = 'ringfence.audit.command_turned_away.v1';
    const { count: _, ...data } = event?.data ?? {};
    const bytes = Buffer.from(JSON.stringify({ ...event?.json, type, data: { ...data, code: 'key_revoked' } }));
    await withDatabase(platform.dataDir, (database) =>
      database.query('update log.event set type = $1, bytes = $2 where position = $3', [type, bytes, event?.position]),
    );
    const logId = String(event?.json['logid']);
    const at = `${logId}:${String(event?.position)}`;
    const path = `/api/v1/audit/events?from=${at}&limit=1&min_position=${at}`;
    const { json } = await platform.ask(platform.keys.adminKey, 'GET', path);
    expect(json).toMatchObject({ data: [{ position: at, type, bytes: bytes.toString('base64') }] });
  });
});
