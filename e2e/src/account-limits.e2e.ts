import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Customer, issueKey, openAccount, patienceMs, placeCall, until, wanted } from './test-accounts.js';
import { linesOf, ringfence } from './command-line.js';
import { ofType, readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

/** Rings until it is hung up. */
const ringing = '+15005550006';
const platformsBounds = {
  lines_max: 100_000,
  calls_per_second: 10_000,
  burst_calls: 10_000,
  daily_spend_micros_max: null,
};

let platform: PlatformProcess;
let customer: Customer;
beforeAll(async () => {
  platform = await PlatformProcess.start();
  const accountId = await openAccount(platform, 'Elastic Ltd');
  customer = await issueKey(platform, accountId, { lines_max: 1_000, calls_per_second: 1_000, burst_calls: 1_000 });
});
afterAll(async () => {
  await platform.discard();
});

const path = () => `/api/v1/accounts/${customer.accountId}`;
const set = (body: object, key = platform.keys.adminKey) => platform.ask(key, 'PATCH', `${path()}/limits`, body);
async function statuses(count: number): Promise<ReadonlyMap<number, number>> {
  const answers = await Promise.all(Array.from({ length: count }, () => placeCall(platform, customer.secret, ringing)));
  const counted = new Map<number, number>();
  for (const { status } of answers) counted.set(status, (counted.get(status) ?? 0) + 1);
  return counted;
}

describe('the limits of an account', () => {
  it('grow from one line to 500 in one command, hold for the very next call, and shrink again without cutting one', async () => {
    expect((await set({ mode: 'test', lines_max: 1 })).json).toMatchObject({ mode: 'test', lines_max: 1 });
    expect(await statuses(5)).toEqual(new Map([[202, 1], [429, 4]])); // prettier-ignore
    expect((await set({ mode: 'test', lines_max: 500 })).status).toBe(200);
    expect(await statuses(520)).toEqual(new Map([[202, 499], [429, 21]])); // prettier-ignore
    const { json } = await set({ mode: 'test', lines_max: 1 });
    expect(json).toMatchObject({ lines_max: 1, approved: { lines_max: 1 }, position: expect.any(String) });
    expect((await placeCall(platform, customer.secret, ringing)).code).toBe('lines_exhausted');
    // Nobody has hung up: all 500 are there still.
    const log = await readLog(platform.dataDir);
    expect(ofType(log, 'call.placed')).toHaveLength(500);
    expect(ofType(log, 'call.hang_up_requested')).toEqual([]);
    expect(ofType(log, 'account.limits_set')).toHaveLength(3);
    expect((await set({ mode: 'test', lines_max: 100_000 })).status).toBe(200);
  });

  it('are shown by the account, and in the headers of each caller', async () => {
    const before = await placeCallHeaders();
    expect(before.get('ratelimit-policy')).toMatch(/^"calls";q=1000;w=1, "account";q=10000;w=1$/);
    const { position } = (await set({ mode: 'test', calls_per_second: 5, burst_calls: 10 })).json as {
      position: string;
    };
    await until('the gateway has heard', patienceMs, async () =>
      ((await placeCallHeaders()).get('ratelimit-policy') ?? '').includes('"account";q=10;w=2'),
    );
    expect((await placeCallHeaders()).get('ratelimit')).toMatch(/^"calls";r=\d+;t=\d+, "account";r=\d+;t=\d+$/);
    // At once, so that they exceed the limit even on a machine that is slow with each.
    let refused: Awaited<ReturnType<typeof placeCallAnswer>> | undefined;
    while (refused === undefined)
      refused = (await Promise.all(Array.from({ length: 50 }, placeCallAnswer))).find(({ status }) => status !== 202);
    expect([refused.status, refused.headers.get('ringfence-limit')]).toEqual([
      429,
      'account_calls_per_second;max=5;used=5',
    ]);
    expect(refused.headers.get('ratelimit')).toMatch(/"account";r=0;t=1$/);
    const shown = await wanted(platform, 'GET', `${path()}?min_position=${position}`);
    expect(shown['limits']).toEqual([
      { mode: 'live', ...platformsBounds, approved: platformsBounds },
      {
        mode: 'test',
        ...platformsBounds,
        calls_per_second: 5,
        burst_calls: 10,
        approved: { ...platformsBounds, calls_per_second: 5, burst_calls: 10 },
      },
    ]);
  });

  it('are the account’s own to lower, and to raise again as far as an operator has approved', async () => {
    const admin = await issueKey(platform, customer.accountId, {
      scopes: ['accounts:admin'],
      preset: null,
      mode: 'live',
    });
    await set({ mode: 'live', lines_max: 20, daily_spend_micros_max: '5000000' });
    expect((await set({ mode: 'live', lines_max: 2 }, admin.secret)).json).toMatchObject({
      lines_max: 2,
      daily_spend_micros_max: '5000000',
      approved: { lines_max: 20 },
    });
    expect((await set({ mode: 'live', lines_max: 20 }, admin.secret)).status).toBe(200);
    for (const wider of [{ lines_max: 21 }, { daily_spend_micros_max: '5000001' }, { daily_spend_micros_max: null }])
      expect(await set({ mode: 'live', ...wider }, admin.secret)).toMatchObject({
        status: 403,
        json: { code: 'limits_not_approved' },
      });
    expect(await set({ mode: 'live' }, admin.secret)).toMatchObject({
      status: 422,
      json: { code: 'validation_failed' },
    });
  });

  it('hold after a restart, in the headers too', async () => {
    await platform.stop();
    platform = await platform.startAgain();
    const { headers } = await placeCallAnswer();
    expect(headers.get('ratelimit-policy')).toContain('"account";q=10;w=2');
  });
});

describe('an account that was suspended', () => {
  it('is resumed by an operator alone, and calls again', async () => {
    const suspended = await platform.ask(platform.keys.adminKey, 'POST', `${path()}/suspend`, { reason: 'fraud' });
    expect(suspended.status).toBe(200);
    expect((await placeCall(platform, customer.secret, ringing)).code).toBe('account_suspended');
    const resume = (key: string) => platform.ask(key, 'POST', `${path()}/resume`, {});
    expect((await resume(customer.secret)).status).toBe(403);
    const { status, json } = await resume(platform.keys.adminKey);
    expect(status).toBe(200);
    expect((await placeCall(platform, customer.secret, ringing)).status).toBe(202);
    const { position } = json as { position: string };
    expect(await wanted(platform, 'GET', `${path()}?min_position=${position}`)).toMatchObject({
      status: 'active',
      suspension_reason: null,
      suspended_at: null,
      verified_at: expect.any(String),
    });
    expect(await resume(platform.keys.adminKey)).toMatchObject({
      status: 409,
      json: { code: 'account_not_suspended' },
    });
  });
});

describe('the command line', () => {
  it('limits, suspends and resumes an account, and says what a refusal was', async () => {
    const admin = { RINGFENCE_API_KEY: platform.keys.adminKey };
    const accounts = (...args: readonly string[]) =>
      ringfence(platform.dataDir, ['accounts', ...args, '--json'], admin);
    const { accountId } = customer;
    const [limits] = linesOf(
      await accounts('limits', accountId, '--mode', 'live', '--lines', '3', '--daily-spend-micros', '70'),
    );
    expect(limits).toMatchObject({ mode: 'live', lines_max: 3, daily_spend_micros_max: '70' });
    const [freed] = linesOf(await accounts('limits', accountId, '--mode', 'live', '--without-daily-spend'));
    expect(freed).toMatchObject({ mode: 'live', lines_max: 3, daily_spend_micros_max: null });
    expect((await accounts('suspend', accountId, '--reason', 'unpaid')).code).toBe(0);
    expect((await accounts('resume', accountId)).code).toBe(0);
    const again = await accounts('resume', accountId);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('account_not_suspended')]);
  });
});

async function placeCallAnswer() {
  return platform.ask(customer.secret, 'POST', '/api/v1/voice/calls/initiate', {
    from_number: '+15005550199',
    to_number: ringing,
  });
}

async function placeCallHeaders(): Promise<Headers> {
  return (await placeCallAnswer()).headers;
}
