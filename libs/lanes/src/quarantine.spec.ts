import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId, StreamId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import { cappedTimers, LaneBench } from '@ringfence/testing/lane-bench';
import type { LaneExecutor } from './lane-executor.js';
import { type LaneModels, laneModels } from './lane-models.js';

let b: LaneBench;
beforeEach(() => {
  b = new LaneBench();
});
afterEach(async () => {
  await b.stop();
});

/** Models whose timers throw in these accounts, as often as is said. */
function whoseTimersThrow(timesIn: Map<AccountId, number>, asked: AccountId[] = []): LaneModels {
  const { account, ...others } = laneModels;
  return {
    ...others,
    account: {
      ...account,
      decide: (command, state) => {
        if (command.type === 'ActOnTime' && state.standing.status !== 'unopened') {
          const { accountId } = state.standing;
          const left = timesIn.get(accountId) ?? 0;
          asked.push(accountId);
          timesIn.set(accountId, left - 1);
          if (left > 0) throw new Error('a bug');
        }
        return account.decide(command, state);
      },
    },
  };
}

const overlapMs = 60_000;
const typesIn = async (stream: StreamId) => (await b.events(stream)).map(({ data: { type } }) => type);

describe('a timer that makes the software fail', () => {
  it('quarantines its account at the second time, and no other one’s', async () => {
    const timesIn = new Map<AccountId, number>();
    const asked: AccountId[] = [];
    const executor = await b.start({ timers: cappedTimers, models: whoseTimersThrow(timesIn, asked) });
    const [bad, sound] = [await b.withKey(executor), await b.withKey(executor)];
    timesIn.set(bad.account, Number.POSITIVE_INFINITY);
    for (const { account, keyId } of [bad, sound]) await executor.dispatch(b.rotate(account, keyId, overlapMs));
    b.clock.advance(overlapMs);
    await b.until(() => b.notices.length > 0);
    await b.until(async () => (await typesIn(sound.account)).includes('KeyOverlapEnded'));
    expect(b.notices).toEqual([`quarantined ${bad.account} for its timer`]);
    expect(await executor.dispatch(b.credit(bad.account, 1n))).toMatchObject({
      accepted: false,
      refusal: { code: 'account_quarantined' },
    });
    expect(await executor.dispatch(b.credit(sound.account, 1n))).toMatchObject({ accepted: true });
    // Time does not act on it any more by itself, however much of it passes, and however often it is decided on.
    b.clock.advance(overlapMs);
    await executor.dispatch(b.rotate(sound.account, sound.keyId, overlapMs));
    await executor.dispatch(b.command({ type: 'SuspendAccount', accountId: bad.account, reason: 'unpaid' }));
    b.clock.advance(2 * overlapMs);
    await b.until(async () => (await typesIn(sound.account)).filter((type) => type === 'KeyOverlapEnded').length === 2);
    expect(asked.filter((account) => account === bad.account)).toHaveLength(2);
  });

  it('quarantines nobody when it fails once, and once again much later', async () => {
    const timesIn = new Map<AccountId, number>();
    const executor = await b.start({ timers: cappedTimers, models: whoseTimersThrow(timesIn) });
    const { account, keyId } = await b.withKey(executor);
    for (const times of [1, 2, 3]) {
      timesIn.set(account, 1);
      await executor.dispatch(b.rotate(account, keyId, overlapMs));
      b.clock.advance(overlapMs);
      await b.until(async () => (await typesIn(account)).filter((type) => type === 'KeyOverlapEnded').length === times);
    }
    expect(b.notices).toEqual([]);
    expect(await executor.dispatch(b.credit(account, 1n))).toMatchObject({ accepted: true });
  });

  it('quarantines its account alone when it is the store that cannot take what it leads to', async () => {
    const executor = await b.start({ timers: cappedTimers });
    const keys = await Promise.all(Array.from({ length: 5 }, () => b.withKey(executor)));
    const [bad, ...sound] = keys;
    if (bad === undefined) throw new Error('no account');
    for (const { account, keyId } of keys) await executor.dispatch(b.rotate(account, keyId, overlapMs));
    b.store.fault = ({ appends }) =>
      appends.some(
        ({ stream, events }) =>
          stream === bad.account && events.some(({ type }) => type.startsWith('ringfence.key.overlap_ended')),
      )
        ? new Error('a bug')
        : undefined;
    b.clock.advance(overlapMs);
    await b.until(() => b.notices.some((each) => each !== 'broken'));
    for (const { account } of sound) await b.until(async () => (await typesIn(account)).includes('KeyOverlapEnded'));
    expect(b.notices.filter((each) => each !== 'broken')).toEqual([`quarantined ${bad.account} for its timer`]);
    expect(await typesIn(bad.account)).not.toContain('KeyOverlapEnded');
  });
});

describe('an account that is quarantined for its timer', () => {
  /** Two calls live in it, one of them answered. */
  async function drained(executor: LaneExecutor, timesIn: Map<AccountId, number>) {
    const { account, keyId } = await b.withKey(executor);
    await b.ableToCall(executor, account);
    const [talking, ringing] = [b.place(account, keyId), b.place(account, keyId)];
    for (const command of [talking, ringing])
      expect(await executor.dispatch(command)).toMatchObject({ accepted: true });
    expect(await executor.dispatch(b.progress(talking.payload, { kind: 'answered' }))).toMatchObject({
      accepted: true,
    });
    await executor.dispatch(b.rotate(account, keyId, 1_000));
    timesIn.set(account, Number.POSITIVE_INFINITY);
    b.clock.advance(1_000);
    await b.until(() => b.notices.length > 0);
    expect(b.notices).toEqual([`quarantined ${account} for its timer`]);
    return { account, keyId, talking: talking.payload, ringing: ringing.payload };
  }

  const refused = { accepted: false, refusal: { code: 'account_quarantined' } };

  it('begins nothing new, and lets everything end: calls with their charge, keys, the account itself', async () => {
    const timesIn = new Map<AccountId, number>();
    const executor = await b.start({ timers: cappedTimers, models: whoseTimersThrow(timesIn) });
    const { account, keyId, talking, ringing } = await drained(executor, timesIn);
    const accountId = account;
    for (const begins of [
      b.place(account, keyId),
      b.credit(account, 1n),
      b.issue(account, b.ids.keyId()),
      b.rotate(account, keyId, 1_000),
      b.command({ type: 'VerifyAccount', accountId }),
    ])
      expect(await executor.dispatch(begins)).toMatchObject(refused);
    const ended = { kind: 'ended', cause: 'callee_hangup', endedBy: 'callee', talkTimeMs: durationMs(60_000) } as const;
    for (const ends of [
      b.progress(talking, ended),
      b.command({ type: 'HangUpCall', accountId, callId: ringing.callId, legId: null }),
      b.progress(ringing, { ...ended, cause: 'caller_hangup', talkTimeMs: durationMs(0) }),
      b.command({ type: 'RevokeKey', accountId, keyId, reason: 'leaked', onRevoke: null }),
      b.command({ type: 'SuspendAccount', accountId, reason: 'quarantined' }),
    ])
      expect(await executor.dispatch(ends)).toMatchObject({ accepted: true });
    const events = (await b.events(account)).map(({ data }) => data).slice(-5);
    expect(events).toMatchObject([
      { type: 'CallCompleted', callId: talking.callId, cause: 'callee_hangup', talkTimeMs: 60_000 },
      { type: 'CallHangUpRequested', callId: ringing.callId },
      { type: 'CallFailed', callId: ringing.callId },
      { type: 'KeyRevoked', keyId },
      { type: 'AccountSuspended' },
    ]);
    expect(events[0]).toMatchObject({ type: 'CallCompleted', chargedMicros: expect.any(BigInt) as unknown });
    expect(events[0]?.type === 'CallCompleted' && events[0].chargedMicros > 0n).toBe(true);
  });

  it('stays so whatever becomes of its state in memory, and is tried again by the next owner of its lane', async () => {
    const timesIn = new Map<AccountId, number>();
    const executor = await b.start({ timers: cappedTimers, models: whoseTimersThrow(timesIn) });
    const { account, talking } = await drained(executor, timesIn);
    const other = await b.opened(executor);
    // The append fails: what is in memory is forgotten, and read again.
    let failures = 1;
    b.store.fault = () => (failures-- > 0 ? 'before' : undefined);
    expect(await executor.dispatch(b.credit(other, 1n))).toMatchObject({ accepted: true });
    failures = 1;
    const ended = { kind: 'ended', cause: 'callee_hangup', endedBy: 'callee', talkTimeMs: durationMs(1_000) } as const;
    expect(await executor.dispatch(b.progress(talking, ended))).toMatchObject({ accepted: true });
    expect(await executor.dispatch(b.credit(account, 1n))).toMatchObject(refused);
    timesIn.set(account, 0);
    const next = await b.start({ timers: cappedTimers, models: whoseTimersThrow(timesIn) });
    await b.until(async () => (await typesIn(account)).includes('KeyOverlapEnded'));
    expect(await next.dispatch(b.credit(account, 1n))).toMatchObject({ accepted: true });
  });
});

describe('an account that is quarantined for its history', () => {
  it('has nothing decided of it, not even an end, until somebody has looked', async () => {
    const before = await b.start();
    const { account, keyId } = await b.withKey(before);
    await b.ableToCall(before, account);
    const call = b.place(account, keyId);
    expect(await before.dispatch(call)).toMatchObject({ accepted: true });
    await before.stop();
    const broken: LaneModels = {
      ...laneModels,
      account: {
        ...laneModels.account,
        evolve: (state, event) => {
          if (event.type === 'CallPlaced') throw new Error('a bug');
          return laneModels.account.evolve(state, event);
        },
      },
    };
    const executor = await b.start({ models: broken });
    const length = (await b.events(account)).length;
    for (const command of [
      b.place(account, keyId),
      b.command({ type: 'RevokeKey', accountId: account, keyId, reason: 'leaked', onRevoke: null }),
      b.progress(call.payload, { kind: 'ringing' }),
    ])
      expect(await executor.dispatch(command)).toMatchObject({
        accepted: false,
        refusal: { code: 'account_quarantined', detail: expect.stringContaining('history') as unknown },
      });
    expect(b.notices).toEqual([`quarantined ${account} for its history`]);
    expect(await b.events(account)).toHaveLength(length);
    // A release that can read it decides again.
    await executor.stop();
    const repaired = await b.start();
    expect(await repaired.dispatch(b.progress(call.payload, { kind: 'ringing' }))).toMatchObject({ accepted: true });
  });
});
