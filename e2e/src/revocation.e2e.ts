import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Customer,
  issueKey,
  openAccount,
  patienceMs,
  placeCall,
  type CallAnswer,
  together,
  unlimited,
  until,
  wanted,
} from './test-accounts.js';
import { type StoredEvent, ofType, readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';
import { rejectionsIn } from './rejections-in.js';

const clients = 64;
const triesAfterRefusal = 3;
const callsBeforeRevocation = 400;

let platform: PlatformProcess;
beforeAll(async () => {
  platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '10' } });
});
afterAll(async () => {
  await platform.discard();
});

type RevocationRun = {
  readonly customer: Customer;
  readonly answers: readonly (readonly CallAnswer[])[];
  readonly answeredRevocation: number;
};

/**
 * 64 clients place calls to `numbers` without a pause; in mid-flight an operator revokes the key; each goes on until it
 * was refused often enough.
 */
async function revokeUnderLoad(policy: 'hangup' | 'drain', numbers: readonly string[]): Promise<RevocationRun> {
  const account = await openAccount(platform, `Revocation ${policy}`);
  const customer = await issueKey(platform, account, { ...unlimited, on_revoke: policy });
  const answers: CallAnswer[][] = Array.from({ length: clients }, () => []);
  let accepted = 0;
  let revoked: Promise<number> | undefined;
  const revoke = async () => {
    await wanted(platform, 'POST', `/api/v1/keys/${customer.keyId}/revoke`, { reason: 'leaked' });
    return Date.now();
  };
  await together(clients, async (client, turn) => {
    const answer = await placeCall(platform, customer.secret, numbers[turn % numbers.length] ?? '');
    // Nobody is admitted while the gateway may have missed something: that says nothing about the key.
    if (answer.code === 'registry_stale') return true;
    answers[client]?.push(answer);
    if (answer.status === 202) accepted += 1;
    if (accepted >= callsBeforeRevocation) revoked ??= revoke();
    return (answers[client] ?? []).filter(({ status }) => status !== 202).length < triesAfterRefusal;
  });
  return { customer, answers, answeredRevocation: (await revoked) ?? Number.NaN };
}

/** Checks what the log has after the key's revocation, and about its calls. */
function looked(events: readonly StoredEvent[], { keyId }: Customer) {
  const [revocation] = ofType(events, 'key.revoked').filter(({ data }) => data['keyId'] === keyId);
  const position = revocation?.position ?? Number.NaN;
  const of = (name: string) => ofType(events, name).filter(({ data }) => data['keyId'] === keyId);
  return {
    issuedAfter: events
      .filter((event) => event.position > position)
      .filter(({ json }) => json['issuedbykind'] === 'key' && json['issuedbyid'] === keyId)
      .map((event) => `${String(event.position)} ${event.type}`),
    refusedAfter: rejectionsIn(
      events.filter((event) => event.position > position),
      keyId,
    ).count,
    position,
    placed: of('call.placed'),
    ended: [...of('call.completed'), ...of('call.failed')],
    hangUps: of('call.hang_up_requested'),
  };
}

/** Number of refusals. Every gateway that refuses leaves the key in the log as the presented one. */
const refusals = clients * triesAfterRefusal;

/** Reads the log once the key's calls have ended, and the gateway's rejections have been reported. */
async function whenAllEnded(customer: Customer) {
  let seen = looked(await readLog(platform.dataDir), customer);
  await until('the key’s calls end and its rejections are reported', patienceMs, async () => {
    seen = looked(await readLog(platform.dataDir), customer);
    return seen.ended.length === seen.placed.length && seen.refusedAfter >= refusals;
  });
  return seen;
}

function everyClientWasRefused({ answers, answeredRevocation }: RevocationRun): void {
  for (const own of answers) {
    const refused = own.filter(({ status }) => status !== 202);
    // By the gateway, which does not say which key was right once, or by the lane, which it reached before the gateway
    // knew.
    expect(refused.map(({ status }) => status)).toEqual(Array(triesAfterRefusal).fill(401));
    for (const { code } of refused) expect(['key_not_accepted', 'key_revoked']).toContain(code);
    // Once it has been refused it is refused for ever, and so is a request after the revocation was answered.
    const firstRefusal = own.findIndex(({ status }) => status !== 202);
    expect(own.slice(firstRefusal).filter(({ status }) => status === 202)).toEqual([]);
    expect(own.filter(({ status, sentAtMs }) => status === 202 && sentAtMs > answeredRevocation)).toEqual([]);
  }
}

describe('the revocation of a key that 64 clients place calls with', () => {
  it('is in the log before anything else of that key, refuses every client afterwards, and hangs its live calls up', async () => {
    const run = await revokeUnderLoad('hangup', ['+15005550006', '+15005551001']);
    everyClientWasRefused(run);
    const seen = await whenAllEnded(run.customer);
    expect(seen.issuedAfter).toEqual([]);
    expect(seen.refusedAfter).toBe(refusals);
    const accepted = run.answers.flat().filter(({ status }) => status === 202).length;
    expect(seen.placed.length).toBe(accepted);
    expect(seen.placed.filter(({ position }) => position > seen.position)).toEqual([]);
    // Each that was live; on a slow machine some have rung for as long as a call may before that.
    const live = seen.ended.filter(({ position }) => position > seen.position);
    expect(live.length).toBeGreaterThan(0);
    expect(new Set(seen.hangUps.map(({ data }) => data['reason']))).toEqual(new Set(['key_revoked']));
    const hungUp = seen.hangUps.map(({ data }) => data['callId']);
    expect(hungUp).toEqual([...new Set(hungUp)]);
    // So many at a time: one that rang for as long as a call may has ended by itself before its turn.
    const others = live.filter(({ data }) => !hungUp.includes(data['callId'])).map(({ data }) => data['cause']);
    expect([...new Set(others)].filter((cause) => cause !== 'no_answer')).toEqual([]);
    expect(hungUp.length).toBe(live.length - others.length);
    expect(new Set(live.map(({ data }) => data['cause'])).has('key_revoked')).toBe(true);
  });

  it('lets live calls come to their own end when the policy says drain', async () => {
    const run = await revokeUnderLoad('drain', ['+15005552020']);
    everyClientWasRefused(run);
    const seen = await whenAllEnded(run.customer);
    expect(seen.issuedAfter).toEqual([]);
    expect(seen.refusedAfter).toBe(refusals);
    expect(seen.hangUps).toEqual([]);
    expect(new Set(seen.ended.map(({ data }) => data['cause']))).toEqual(new Set(['callee_hangup']));
    // 20 s of simulated talk: many were still live when the key was revoked.
    expect(seen.ended.filter(({ position }) => position > seen.position).length).toBeGreaterThan(0);
  });
});
