import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueKey, openAccount, placeCall, wanted } from './test-accounts.js';
import { ofType, readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

const calls = '/api/v1/voice/calls';
const numberThatAnswers = '+15005550000';
/** Distance of the expiry that a test waits for. */
const soonMs = 5_000;
const longMs = 3_600_000;

let platform: PlatformProcess;
beforeAll(async () => {
  platform = await PlatformProcess.start();
});
afterAll(async () => {
  await platform.discard();
});

type Answered = { readonly sentAtMs: number; readonly answeredAtMs: number; readonly status: number };

/** Shows a secret again and again until a while after `endMs`. */
async function shownUntilAfter(secret: string, endMs: number): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  let last = Number.NEGATIVE_INFINITY;
  while (last < endMs + 500) {
    last = Date.now();
    const { status } = await platform.ask(secret, 'GET', calls);
    answers.push({ sentAtMs: last, answeredAtMs: Date.now(), status });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return answers;
}

/** Checks that requests answered before the end were accepted, and those sent after it rejected. */
function opensUntil(endMs: number, answers: readonly Answered[]): void {
  const statuses = (of: readonly Answered[]) => of.map(({ status }) => status);
  expect(statuses(answers.filter(({ answeredAtMs }) => answeredAtMs < endMs)).filter((each) => each !== 200)).toEqual(
    [],
  );
  expect(new Set(statuses(answers.filter(({ sentAtMs }) => sentAtMs >= endMs)))).toEqual(new Set([401]));
}

const statusOf = async (secret: string) => (await platform.ask(secret, 'GET', calls)).status;

describe('a key over HTTP', () => {
  it('is accepted until it expires, and never after', async () => {
    const accountId = await openAccount(platform, 'Expiry');
    const { keyId, secret } = await issueKey(platform, accountId, {});
    const expiring = async (inMs: number) => {
      const endMs = Date.now() + inMs;
      await wanted(platform, 'PATCH', `/api/v1/keys/${keyId}/policy`, { expires_at: new Date(endMs).toISOString() });
      return endMs;
    };
    await expiring(longMs);
    expect(await statusOf(secret)).toBe(200);
    const endMs = await expiring(soonMs);
    opensUntil(endMs, await shownUntilAfter(secret, endMs));
  });

  it('that is rotated is accepted with its old secret until the overlap ends, and with its new one before and after', async () => {
    const accountId = await openAccount(platform, 'Rotation');
    const { keyId, secret } = await issueKey(platform, accountId, {});
    const rotated = async (overlapMs: number) => {
      const body = { overlap_seconds: overlapMs / 1_000 };
      const { secret: fresh } = await wanted(platform, 'POST', `/api/v1/keys/${keyId}/rotate`, body);
      const rotations = ofType(await readLog(platform.dataDir), 'key.rotated').map(({ data }) => data);
      const last = rotations.findLast((data) => data['keyId'] === keyId);
      return { fresh: String(fresh), endMs: Number(last?.['overlapUntilMs']) };
    };
    const { fresh: second } = await rotated(longMs);
    expect([await statusOf(secret), await statusOf(second)]).toEqual([200, 200]);
    const { fresh: third, endMs } = await rotated(soonMs);
    // There is one secret before the last, and no more: the first is nobody’s now.
    expect(await statusOf(secret)).toBe(401);
    const [old, now] = await Promise.all([shownUntilAfter(second, endMs), shownUntilAfter(third, endMs)]);
    opensUntil(endMs, old);
    expect(new Set(now.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('shows its secret once: the same Idempotency-Key gives the same key, and says that its secret was shown', async () => {
    const accountId = await openAccount(platform, 'Shown once');
    const body = { account_id: accountId, label: 'Once', mode: 'test', preset: 'Make calls' };
    const asked = () =>
      platform.ask(platform.keys.adminKey, 'POST', '/api/v1/keys', body, { 'idempotency-key': `issue ${accountId}` });
    const [first, again] = [await asked(), await asked()];
    expect([first.status, first.json]).toMatchObject([
      201,
      { secret: expect.stringMatching(/^rf_test_/), secret_already_shown: false },
    ]);
    const { id, secret } = first.json as { readonly id: string; readonly secret: string };
    expect([again.status, again.json]).toMatchObject([201, { id, secret: null, secret_already_shown: true }]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await platform.ask(secret, 'GET', calls)).toMatchObject({ status: 200 });
  });
});

describe('a suspended account over HTTP', () => {
  it('is refused a new call with its reason, and can still be looked at', async () => {
    const accountId = await openAccount(platform, 'Suspended');
    const { secret } = await issueKey(platform, accountId, {});
    expect(await placeCall(platform, secret, numberThatAnswers)).toMatchObject({ status: 202 });
    await wanted(platform, 'POST', `/api/v1/accounts/${accountId}/suspend`, { reason: 'fraud' });
    expect(await placeCall(platform, secret, numberThatAnswers)).toMatchObject({
      status: 403,
      code: 'account_suspended',
    });
    expect(await platform.ask(secret, 'GET', calls)).toMatchObject({ status: 200 });
  });
});
