import { textAt, textOr } from '../server/json-reading.js';
import { type PlatformApi, platformApi } from '../server/platform-api.js';
import { refusalIn } from '../server/api-client.js';
import { application, callsInAll, caller, cast, demoPolicy, type ScenarioCall } from './scenario.js';
import type { Narrator } from './narrator.js';
import { type Board, isLive, watchUntil } from './watching.js';
import { showAuditTrail, showLedger, showUsage } from './report.js';

type Placed = { readonly callId: string; readonly role: ScenarioCall };

/** Credit of the test book: 25.00. */
const creditMicros = 25_000_000n;

const callTo = (to: string) => ({ from_number: caller, to_number: to });
const callsOf = (api: PlatformApi, accountId?: string) => () =>
  api.page('listCalls', { query: { account_id: accountId, limit: 100 } });

/**
 * Plays the story against a running server, in an account of its own, so that its books hold nothing else.
 * @throws Failure `story_differs` where anything differs from it
 */
export async function runScenario(admin: PlatformApi, narrator: Narrator): Promise<void> {
  const { key, keyId, accountId } = await openAccountAndKey(admin, narrator);
  const placed = await placeCalls(key, narrator);
  await hitTheLimit(key, narrator);
  await watchThemEnd(key, narrator, placed);
  await revokeInMidFlight({ admin, key, keyId, accountId }, narrator);
  await showLedger(admin, accountId, creditMicros, narrator);
  await showUsage(admin, accountId, narrator);
  const answered = placed.find(({ role }) => role.ends?.state === 'completed');
  if (answered !== undefined) await showAuditTrail(admin, answered.callId, keyId, narrator);
}

type Opened = { readonly key: PlatformApi; readonly keyId: string; readonly accountId: string };

async function openAccountAndKey(admin: PlatformApi, narrator: Narrator): Promise<Opened> {
  narrator.act('An account with credit, and a key for one application');
  const accountId = textAt(
    await admin.ask('openAccount', { body: { name: 'Demo', currency: 'USD', time_zone: 'Europe/Berlin' } }),
    'id',
  );
  const path = { account_id: accountId };
  await admin.ask('verifyAccount', { path });
  await admin.ask('addCredit', { path, body: { mode: 'test', amount_micros: String(creditMicros) } });
  narrator.says(`account ${accountId}, 25.00 USD in the test book`);
  const label = `Demo ${application}`;
  const body = { account_id: accountId, label, mode: 'test', preset: 'Make calls', ...demoPolicy };
  const issued = await admin.ask('issueKey', { body });
  const keyId = textAt(issued, 'id');
  const secret = textAt(issued, 'secret');
  narrator.says(`key ${keyId} ${secret.slice(0, 8)}…${secret.slice(-4)}, shown once, kept as a keyed hash`);
  narrator.says(
    `it may place ${String(demoPolicy.calls_per_second)} calls/s, ${String(callsInAll)} at once, on ${String(demoPolicy.lines_max)} lines`,
  );
  return { key: platformApi(admin.client.url, secret), keyId, accountId };
}

async function placeCalls(key: PlatformApi, narrator: Narrator): Promise<readonly Placed[]> {
  narrator.act(`${String(callsInAll)} sandbox calls at once`);
  const roles = cast.flatMap((role) => Array.from({ length: role.calls }, () => role));
  const placed = await Promise.all(
    roles.map(async (role) => ({
      callId: textAt(await key.ask('initiateCall', { body: callTo(role.to) }), 'id'),
      role,
    })),
  );
  for (const role of cast) narrator.says(`${String(role.calls).padStart(2)} × ${role.to}  ${role.what}`);
  narrator.expect('calls accepted', callsInAll, new Set(placed.map(({ callId }) => callId)).size);
  return placed;
}

const floodRequests = 20;

async function hitTheLimit(key: PlatformApi, narrator: Narrator): Promise<void> {
  narrator.act(`${String(floodRequests)} more in the same breath: the rate limit`);
  const answers = await Promise.all(
    Array.from({ length: floodRequests }, () => key.attempt('initiateCall', { body: callTo('+15005550003') })),
  );
  const refused = answers.filter(({ status }) => status === 429);
  const accepted = answers.filter(({ status }) => status === 202);
  narrator.expect('every one accepted or refused as too many', floodRequests, refused.length + accepted.length);
  narrator.holds(
    'refused with 429',
    refused.length >= floodRequests / 2,
    `${String(refused.length)} of ${String(floodRequests)}`,
  );
  const [first] = refused;
  if (first === undefined) return;
  const [code, message] = refusalIn(first);
  narrator.says(`${code}: ${message}`);
  narrator.holds(
    'it says when to try again',
    first.headers.has('retry-after'),
    `Retry-After ${first.headers.get('retry-after') ?? 'is missing'}`,
  );
}

async function watchThemEnd(key: PlatformApi, narrator: Narrator, placed: readonly Placed[]): Promise<void> {
  narrator.act('Every number ends as the sandbox says');
  const ending = placed.filter(({ role }) => role.ends !== null);
  const ended = (board: Board) => ending.every(({ callId }) => !isLive(board.get(callId) ?? {}));
  const board = await watchUntil(
    callsOf(key),
    narrator,
    'the calls end by themselves',
    45_000,
    (seen) => seen.size >= placed.length && ended(seen),
  );
  for (const role of cast) {
    const calls = placed.filter((one) => one.role === role).map(({ callId }) => board.get(callId) ?? {});
    const asExpected = calls.filter((call) =>
      role.ends === null
        ? call['state'] === 'answered'
        : call['state'] === role.ends.state && call['reason'] === role.ends.reason,
    );
    const how = role.ends === null ? 'still talking' : `${role.ends.state}, ${role.ends.reason}`;
    narrator.expect(`${role.what} → ${how}`, role.calls, asExpected.length);
  }
}

async function revokeInMidFlight(
  { admin, key, keyId, accountId }: Opened & { readonly admin: PlatformApi },
  narrator: Narrator,
): Promise<void> {
  narrator.act('The key is stolen: revoke it while its calls are talking');
  // The revoked key can no longer read; the operator can.
  const callsOfAccount = callsOf(admin, accountId);
  const before = (await callsOfAccount()).items.filter(isLive).length;
  const revoked = await admin.ask('revokeKey', { path: { key_id: keyId }, body: { reason: 'leaked' } });
  narrator.says(
    `revoked at position ${textOr(revoked, 'position', '?')} of the log, with ${String(before)} calls live`,
  );
  const answer = await key.attempt('initiateCall', { body: callTo('+15005550000') });
  narrator.expect('status of a new call with that key', 401, answer.status);
  narrator.says(refusalIn(answer).join(': '));
  await watchUntil(
    callsOfAccount,
    narrator,
    'its live calls are hung up',
    10_000,
    (board) => ![...board.values()].some(isLive),
  );
  narrator.expect('calls still live', 0, (await callsOfAccount()).items.filter(isLive).length);
}
