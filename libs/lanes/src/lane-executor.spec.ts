import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { hashOf, noPrevHash } from '@ringfence/event-catalog/hash';
import { type CommandId, platformStream } from '@ringfence/kernel/ids';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { durationMs, epochMs, position, streamVersion } from '@ringfence/kernel/units';
import type { Timers } from '@ringfence/kernel/timers';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { LaneBench } from '@ringfence/testing/lane-bench';
import { waitingPerStreamMax } from './fair-command-queue.js';
import { batchCommandsMax, reportsWaitingMax, reportsWaitMs } from './lane-executor.js';
import { laneModels } from './lane-models.js';
import type { MessageOffset } from './owned-lanes.js';

/** A client's own id. */
const chosen = (name: string) => ({ commandId: name as CommandId, idChosenByClient: true });
const running: LaneBench[] = [];
function bench(): LaneBench {
  const made = new LaneBench();
  running.push(made);
  return made;
}

describe('the lane executor', () => {
  afterEach(async () => {
    for (const made of running.splice(0)) await made.stop();
  });

  it('commits what waits in one append, over all accounts, and answers each with its own position', async () => {
    const b = bench();
    const executor = await b.start();
    const before = b.store.batches.length;
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => executor.dispatch(b.opening())));
    expect(outcomes.every(({ accepted }) => accepted)).toBe(true);
    expect(new Set(outcomes.map((outcome) => outcome.position)).size).toBe(50);
    const batches = b.store.batches.slice(before);
    expect(batches.length).toBeLessThan(50);
    expect(Math.max(...batches.map(({ appends }) => appends.length))).toBeGreaterThan(10);
  });

  it('chains versions and hashes without a gap, over a restart too', async () => {
    const b = bench();
    const first = await b.start();
    const account = await b.opened(first);
    await Promise.all([first.dispatch(b.credit(account, 1n)), first.dispatch(b.credit(account, 2n))]);
    await first.stop();
    const second = await b.start();
    await second.dispatch(b.credit(account, 3n));
    const events = await b.store.readStream(account, streamVersion(1), 100);
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    const envelopes = events.map(decodeRecorded);
    expect(envelopes.map(({ prevHash }) => prevHash)).toEqual([
      noPrevHash,
      ...events.slice(0, -1).map(({ bytes }) => hashOf(bytes)),
    ]);
    const moments = envelopes.map(({ decidedAtMs }) => decidedAtMs);
    expect(moments).toEqual([...moments].sort((left, right) => left - right));
    expect(new Set(envelopes.map(({ salt }) => salt)).size).toBe(4);
  });

  it('gives the same id its first outcome again: in the same batch, later, and after a restart', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    const credit = () => b.credit(account, 5n, chosen('pay-1'));
    const [first, twin] = await Promise.all([executor.dispatch(credit()), executor.dispatch(credit())]);
    const later = await executor.dispatch(credit());
    await executor.stop();
    const restarted = await b.start();
    const afterRestart = await restarted.dispatch(credit());
    for (const again of [twin, later, afterRestart]) expect(again).toEqual({ ...first, replayed: true });
    expect(await b.store.readStream(account, streamVersion(1), 100)).toHaveLength(2);
  });

  it('turns down the same id with other fields', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    await executor.dispatch(b.credit(account, 5n, chosen('pay-1')));
    const other = b.credit(account, 6n, { ...chosen('pay-1'), fingerprint: Buffer.from('other') });
    await expect(executor.dispatch(other)).rejects.toMatchObject({ code: 'idempotency_key_reused', retryable: false });
  });

  it('keeps a refusal that nothing cures, and decides the others afresh', async () => {
    const b = bench();
    const executor = await b.start();
    const account = b.ids.accountId();
    const refused = await executor.dispatch(b.credit(account, 5n, chosen('early')));
    expect(refused).toMatchObject({ accepted: false, refusal: { code: 'account_unknown' } });
    await executor.dispatch(b.opening(account));
    expect(await executor.dispatch(b.credit(account, 5n, chosen('early')))).toMatchObject({
      accepted: true,
      replayed: false,
    });
    const nothing = () => b.credit(account, 0n, chosen('nothing'));
    expect(await executor.dispatch(nothing())).toMatchObject({ accepted: false, replayed: false });
    expect(await executor.dispatch(nothing())).toMatchObject({
      accepted: false,
      refusal: { code: 'amount_invalid' },
      replayed: true,
    });
  });

  describe('lets reports of workers wait, for whose answers nobody waits', () => {
    /** A call in progress, whose reports wait until `over` is called. */
    async function reporting() {
      const b = bench();
      const waits: (() => void)[] = [];
      const after: Timers['after'] = (ms, action) => {
        if (ms !== reportsWaitMs) return systemTimers.after(ms, action);
        waits.push(action);
        return () => undefined;
      };
      const executor = await b.start({ timers: { ...systemTimers, after } });
      const { account, keyId } = await b.withKey(executor);
      await b.ableToCall(executor, account);
      const call = b.place(account, keyId);
      await executor.dispatch(call);
      const report = (place: MessageOffset | null = null) =>
        executor.dispatch(b.progress(call.payload, { kind: 'ringing' }), place);
      const before = b.store.batches.length;
      const appends = async () => {
        for (let turn = 0; turn < 10; turn += 1) await setImmediate();
        return b.store.batches.length - before;
      };
      const over = () => {
        for (const action of waits.splice(0)) action();
      };
      return { b, executor, account, report, appends, over };
    }

    it('for the next command, whose commit they share', async () => {
      const { b, executor, account, report, appends } = await reporting();
      const reported = report();
      expect(await appends()).toBe(0);
      await executor.dispatch(b.credit(account, 1n));
      expect(await reported).toMatchObject({ accepted: true });
      expect(await appends()).toBe(1);
    });

    it('but not for long', async () => {
      const { report, appends, over } = await reporting();
      const reported = report();
      expect(await appends()).toBe(0);
      over();
      expect(await reported).toMatchObject({ accepted: true });
      expect(await appends()).toBe(1);
    });

    it('but not where many do', async () => {
      const { report } = await reporting();
      const [first] = await Promise.all(Array.from({ length: reportsWaitingMax }, () => report()));
      expect(first).toMatchObject({ accepted: true });
    });

    it('but not from a topic, where all that follows in their partition waits behind them', async () => {
      const { account, report, appends } = await reporting();
      const reported = report({ lane: laneOf(account, 64), offset: 0n });
      await appends();
      expect(await appends()).toBe(1);
      expect(await reported).toMatchObject({ accepted: true });
    });

    it('and not beyond a stop', async () => {
      const { executor, report, appends } = await reporting();
      const reported = report();
      expect(await appends()).toBe(0);
      await executor.stop();
      expect(await reported).toMatchObject({ accepted: true });
    });
  });

  it('does not decide late', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    const late = b.credit(account, 5n, { deadlineMs: epochMs(b.clock.now() - 1) });
    expect(await executor.dispatch(late)).toMatchObject({ accepted: false, refusal: { code: 'deadline_passed' } });
    expect(await b.store.readStream(account, streamVersion(1), 100)).toHaveLength(1);
  });

  it('gives an earlier outcome of a call whose number was erased on the way, and decides none again', async () => {
    const b = bench();
    const executor = await b.start();
    const { account, keyId } = await b.withKey(executor);
    await b.ableToCall(executor, account);
    const call = b.place(account, keyId);
    const refused = { accepted: false, replayed: false, refusal: { code: 'number_erased' } };
    const before = await b.events(account);
    expect(await executor.dispatch(call, null, 'erased')).toMatchObject(refused);
    expect(await b.events(account)).toEqual(before);
    const placed = await executor.dispatch(call);
    expect(placed).toMatchObject({ accepted: true, replayed: false });
    expect(await executor.dispatch(call, null, 'erased')).toEqual({ ...placed, replayed: true });
  });

  it('rejects at once what a full queue cannot hold, for that account alone', async () => {
    const b = bench();
    const executor = await b.start();
    const [flooded, calm] = [await b.opened(executor), await b.opened(executor)];
    const flood = Array.from({ length: waitingPerStreamMax + 300 }, () => executor.dispatch(b.credit(flooded, 1n)));
    const neighbour = executor.dispatch(b.credit(calm, 1n));
    const settled = await Promise.allSettled(flood);
    const rejected = settled.filter((each) => each.status === 'rejected');
    expect(rejected.length).toBeGreaterThan(0);
    for (const each of rejected) expect(each.reason).toMatchObject({ code: 'overloaded', retryable: true });
    expect(await neighbour).toMatchObject({ accepted: true });
    const accepted = settled.length - rejected.length;
    expect(await b.store.readStream(flooded, streamVersion(1), 10_000)).toHaveLength(1 + accepted);
  });

  it('parks one command that makes the software throw, among 10,000 good ones of other accounts', async () => {
    const b = bench();
    const poison = 666n;
    const executor = await b.start({
      models: {
        ...laneModels,
        account: {
          ...laneModels.account,
          decide: (command, state) => {
            if (command.type === 'AddCredit' && command.amountMicros === poison) throw new Error('a bug');
            return laneModels.account.decide(command, state);
          },
        },
      },
    });
    const accounts = await Promise.all(Array.from({ length: 100 }, () => b.opened(executor)));
    const [first] = accounts;
    if (first === undefined) throw new Error('no account');
    const bad = executor.dispatch(b.credit(first, poison, chosen('poison')));
    const good = accounts.flatMap((account) =>
      Array.from({ length: 100 }, (_, each) => executor.dispatch(b.credit(account, BigInt(each + 1)))),
    );
    const outcomes = await Promise.all(good);
    expect(outcomes).toHaveLength(10_000);
    expect(outcomes.every(({ accepted }) => accepted)).toBe(true);
    expect(await bad).toMatchObject({ accepted: false, refusal: { code: 'command_parked' } });
    expect(b.notices).toEqual(['parked poison']);
    expect(await executor.dispatch(b.credit(first, poison, chosen('poison')))).toMatchObject({ replayed: true });
    expect(await b.store.readStream(first, streamVersion(1), 1_000)).toHaveLength(101);
  }, 60_000);

  it('quarantines an account whose history makes the software throw; the others go on', async () => {
    const b = bench();
    const before = await b.start();
    const [broken, sound] = [await b.opened(before), await b.opened(before)];
    await before.stop();
    const executor = await b.start({
      models: {
        ...laneModels,
        account: {
          ...laneModels.account,
          evolve: (state, event) => {
            if (event.type === 'AccountOpened' && event.accountId === broken) throw new Error('a bug');
            return laneModels.account.evolve(state, event);
          },
        },
      },
    });
    const [rejected, fine] = await Promise.all([
      executor.dispatch(b.credit(broken, 1n)),
      executor.dispatch(b.credit(sound, 1n)),
    ]);
    expect(rejected).toMatchObject({ accepted: false, refusal: { code: 'account_quarantined' } });
    expect(fine).toMatchObject({ accepted: true });
    expect(b.notices).toEqual([`quarantined ${broken} for its history`]);
  });

  it.each(['before', 'after'] as const)('decides once when the store goes away %s an append', async (when) => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    let failures = 2;
    b.store.fault = () => (failures-- > 0 ? when : undefined);
    const outcomes = await Promise.all([1n, 2n, 3n].map((amount) => executor.dispatch(b.credit(account, amount))));
    expect(outcomes.every(({ accepted }) => accepted)).toBe(true);
    const events = (await b.store.readStream(account, streamVersion(1), 100)).map(decodeRecorded);
    expect(events).toHaveLength(4);
    const positions = events.slice(1).map((event) => event.position);
    expect(outcomes.map((outcome) => outcome.position).sort()).toEqual(positions);
  });

  it('says that it cannot decide when the store stays away', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    b.store.fault = () => 'before';
    await expect(executor.dispatch(b.credit(account, 1n))).rejects.toMatchObject({
      code: 'lane_unavailable',
      retryable: true,
    });
    b.store.fault = () => undefined;
    expect(await executor.dispatch(b.credit(account, 1n))).toMatchObject({ accepted: true });
  }, 30_000);

  it.each(['a commit', 'a refusal'])('says nothing of %s once another process owns the lanes', async (what) => {
    const b = bench();
    const paused = await b.start();
    const account = await b.opened(paused);
    const head = await b.store.head();
    await b.store.takeLanes(
      Array.from({ length: 64 }, (_, lane) => lane as Lane),
      'another process',
    );
    const command = what === 'a commit' ? b.credit(account, 1n) : b.credit(b.ids.accountId(), 1n);
    await expect(paused.dispatch(command)).rejects.toMatchObject({ code: 'lane_unavailable' });
    expect(b.notices).toEqual(['lanesLost']);
    expect(await b.store.head()).toBe(head);
    await expect(paused.dispatch(b.credit(account, 1n))).rejects.toMatchObject({ code: 'lane_unavailable' });
  });

  describe('with lanes that come and go', () => {
    it('decides only for those it has, and an old owner says nothing more', async () => {
      const b = bench();
      const first = await b.start({ lanes: 'none' });
      const account = b.ids.accountId();
      const lane = laneOf(account, 64);
      const credit = () => b.credit(account, 1n);
      await expect(first.dispatch(credit())).rejects.toMatchObject({ code: 'lane_unavailable', retryable: true });
      expect([...(await first.acquire([lane]))]).toEqual([[lane, null]]);
      await first.dispatch(b.opening(account));
      const second = await b.start({ lanes: 'none' });
      await second.acquire([lane]);
      await expect(first.dispatch(credit())).rejects.toMatchObject({ code: 'lane_unavailable' });
      expect(await second.dispatch(credit())).toMatchObject({ accepted: true });
      expect(b.notices).toEqual(['lanesLost']);
    });

    it('goes on with its other lanes when it loses one', async () => {
      const b = bench();
      const executor = await b.start();
      const [kept, lost] = [await b.opened(executor), await b.opened(executor)];
      await b.store.takeLanes([laneOf(lost, 64)], 'another process');
      const outcomes = await Promise.allSettled([
        executor.dispatch(b.credit(lost, 1n)),
        executor.dispatch(b.credit(kept, 1n)),
      ]);
      expect(outcomes).toMatchObject([
        { status: 'rejected', reason: { code: 'lane_unavailable' } },
        { status: 'fulfilled', value: { accepted: true } },
      ]);
    });

    it('gives the replies of what is committed while the next batch is being written', async () => {
      const b = bench();
      const executor = await b.start();
      const account = await b.opened(executor);
      const commands = Array.from({ length: batchCommandsMax + 1 }, () => b.credit(account, 1n));
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const last = commands.at(-1)?.commandId;
      b.store.hold = ({ outcomes }) => (outcomes.some(({ commandId }) => commandId === last) ? gate : undefined);
      const dispatched = commands.map((command) => executor.dispatch(command));
      expect(await Promise.all(dispatched.slice(0, -1))).toHaveLength(batchCommandsMax);
      expect(await b.store.readStream(account, streamVersion(1), 1_000)).toHaveLength(1 + batchCommandsMax);
      release();
      expect(await dispatched.at(-1)).toMatchObject({ accepted: true });
    });

    it('finishes what is under way before it releases lanes, and rejects the rest', async () => {
      const b = bench();
      const executor = await b.start();
      const account = await b.opened(executor);
      const dispatched = Array.from({ length: 600 }, () => executor.dispatch(b.credit(account, 1n)));
      const settled = Promise.allSettled(dispatched);
      await dispatched[0];
      await executor.release([laneOf(account, 64)]);
      const accepted = (await settled).filter(({ status }) => status === 'fulfilled').length;
      expect(accepted).toBeLessThan(600);
      // The next owner of the lane finds the very events that were answered for.
      const second = await b.start({ lanes: 'none' });
      await second.acquire([laneOf(account, 64)]);
      await second.dispatch(b.credit(account, 1n));
      expect(await b.store.readStream(account, streamVersion(1), 1_000)).toHaveLength(1 + accepted + 1);
    });

    it('reads a stream again when its lane comes back', async () => {
      const b = bench();
      const [first, second] = [await b.start(), await b.start({ lanes: 'none' })];
      const account = await b.opened(first);
      const lane = laneOf(account, 64);
      await first.release([lane]);
      await second.acquire([lane]);
      await second.dispatch(b.credit(account, 1n));
      await second.release([lane]);
      await first.acquire([lane]);
      expect(await first.dispatch(b.credit(account, 1n))).toMatchObject({ accepted: true });
      expect(b.notices).toEqual([]);
    });

    it('never decides in a stream before its last decision, whatever the clocks of its owners say', async () => {
      const b = bench();
      const ahead = new FakeClock(epochMs(b.clock.now() + 300));
      const [early, late] = [await b.start({ lanes: 'none', clock: ahead }), await b.start({ lanes: 'none' })];
      const [account, other] = [b.ids.accountId(), b.ids.accountId()];
      await early.acquire([laneOf(account, 64)]);
      await late.acquire([laneOf(other, 64)]);
      await early.dispatch(b.opening(account));
      // The last event of the log is another lane's, by a clock that is behind.
      await late.dispatch(b.opening(other));
      await late.acquire([laneOf(account, 64)]);
      await late.dispatch(b.credit(account, 1n));
      const events = (await b.store.readStream(account, streamVersion(1), 10)).map(decodeRecorded);
      expect(events.map(({ decidedAtMs }) => decidedAtMs)).toEqual([ahead.now(), ahead.now()]);
    });

    it('acts on time in a lane that it takes', async () => {
      const b = bench();
      const [first, second] = [await b.start({ lanes: 'none' }), await b.start({ lanes: 'none' })];
      const account = b.ids.accountId();
      const lane = laneOf(account, 64);
      await first.acquire([lane]);
      await first.dispatch(b.opening(account));
      const keyId = b.ids.keyId();
      await first.dispatch(b.issue(account, keyId));
      await first.dispatch(b.rotate(account, keyId, 60_000));
      await first.release([lane]);
      b.clock.advance(60_000);
      await second.acquire([lane]);
      const ended = async () => (await b.store.readStream(account, streamVersion(4), 1)).map(({ type }) => type);
      for (let looks = 0; (await ended()).length === 0 && looks < 1_000; looks += 1) await setImmediate();
      expect(await ended()).toEqual(['ringfence.key.overlap_ended.v1']);
    });

    it('reads what another process has written to the platform’s stream before it decides', async () => {
      const b = bench();
      const [platform, accounts] = [await b.start({ lanes: 'none' }), await b.start({ lanes: 'none' })];
      await platform.acquire([laneOf(platformStream, 64)]);
      const account = b.ids.accountId();
      await accounts.acquire([laneOf(account, 64)]);
      const keyId = b.ids.keyId();
      await platform.dispatch(b.issue(null, keyId));
      accounts.onPlatformAdvanced(streamVersion(3));
      const principal = { kind: 'key', keyId, home: 'platform' } as const;
      expect(await accounts.dispatch({ ...b.opening(account), principal })).toMatchObject({ accepted: true });
    });
  });

  it('records in an account’s log what an operator’s key may not do there, the first of its second in full', async () => {
    const b = bench();
    const executor = await b.start();
    const account = await b.opened(executor);
    const principal = { kind: 'key', keyId: b.ids.keyId(), home: 'platform' } as const;
    const payload = () => executor.dispatch({ ...b.credit(account, 5n), principal });
    for (const outcome of await Promise.all([payload(), payload(), payload()]))
      expect(outcome).toMatchObject({ accepted: false, refusal: { code: 'key_unknown' } });
    const [, recorded, ...more] = (await b.store.readStream(account, streamVersion(1), 100)).map(decodeRecorded);
    expect(more).toEqual([]);
    expect(recorded).toMatchObject({
      subject: account,
      issuedBy: { kind: 'timer' },
      presentedKeyId: principal.keyId,
      data: {
        type: 'CommandTurnedAway',
        presentedKeyId: principal.keyId,
        code: 'key_unknown',
        commandType: 'add_credit',
      },
    });
    b.clock.advance(durationMs(1_000));
    await payload();
    const after = (await b.store.readStream(account, streamVersion(3), 100)).map(decodeRecorded);
    expect(after.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ type: 'CommandsTurnedAwayCounted', count: 2 }),
    );
  });

  describe('with commands that messages bring', () => {
    const consumedIn = async (b: LaneBench, lane: Lane) => {
      const [taken] = await b.store.takeLanes([lane], 'looking');
      return taken?.consumed;
    };

    it('commits how far they are consumed with what they led to: accepted, refused, kept or not', async () => {
      const b = bench();
      const executor = await b.start();
      const account = await b.opened(executor);
      const lane = laneOf(account, 64);
      const unknown = b.ids.accountId();
      await executor.dispatch(b.credit(account, 1n), { lane, offset: 10n });
      expect(executor.isConsumed({ lane, offset: 10n })).toBe(true);
      expect(executor.isConsumed({ lane, offset: 11n })).toBe(false);
      const other = laneOf(unknown, 64);
      expect(await executor.dispatch(b.credit(unknown, 1n), { lane: other, offset: 3n })).toMatchObject({
        accepted: false,
      });
      expect(await consumedIn(b, lane)).toEqual({ next: 11n, above: [], transactions: [] });
      expect(await consumedIn(b, other)).toEqual({ next: 4n, above: [], transactions: [] });
    });

    it('does not pass over one that waits, and knows those behind it again', async () => {
      const b = bench();
      const executor = await b.start();
      const account = await b.opened(executor);
      const lane = laneOf(account, 64);
      const slow = b.inLane(lane, account);
      b.store.holdLoads(slow);
      const waiting = executor.dispatch(b.opening(slow), { lane, offset: 5n });
      await executor.dispatch(b.credit(account, 1n), { lane, offset: 6n });
      await executor.commitOffsets([{ lane, offset: 7n }]);
      waiting.catch(() => undefined);
      const second = await b.start({ lanes: 'none' });
      b.store.holdLoads(undefined);
      expect([...(await second.acquire([lane]))]).toEqual([[lane, { next: 5n, above: [6n, 7n], transactions: [] }]]);
      expect([5n, 6n, 7n, 8n].map((offset) => second.isConsumed({ lane, offset }))).toEqual([false, true, true, false]);
      await second.dispatch(b.opening(slow), { lane, offset: 5n });
      expect(await consumedIn(b, lane)).toEqual({ next: 8n, above: [], transactions: [] });
    });

    it('decides once what came twice, in one batch or in two, whatever its source', async () => {
      const b = bench();
      const executor = await b.start();
      const account = await b.opened(executor);
      const lane = laneOf(account, 64);
      const credit = b.credit(account, 1n);
      const twice = [10n, 11n].map((offset) => executor.dispatch(credit, { lane, offset }));
      const [first, second] = await Promise.all(twice);
      expect(second).toEqual({ ...first, replayed: true });
      expect(await executor.dispatch(credit, { lane, offset: 12n })).toMatchObject({ accepted: true });
      expect(await b.store.readStream(account, streamVersion(1), 1_000)).toHaveLength(2);
      expect(b.notices).toEqual([]);
    });

    it('does not pass over one that a full queue rejected', async () => {
      const b = bench();
      const executor = await b.start();
      const account = await b.opened(executor);
      const lane = laneOf(account, 64);
      const other = b.inLane(lane, account);
      const flood = Array.from({ length: waitingPerStreamMax }, () => executor.dispatch(b.credit(account, 1n)));
      const rejected = executor.dispatch(b.credit(account, 1n), { lane, offset: 5n });
      const behind = executor.dispatch(b.opening(other), { lane, offset: 6n });
      await expect(rejected).rejects.toMatchObject({ code: 'overloaded' });
      await Promise.all([...flood, behind]);
      expect([5n, 6n].map((offset) => executor.isConsumed({ lane, offset }))).toEqual([false, true]);
    });
  });

  it('decides from a snapshot as from the whole history', async () => {
    const b = bench();
    const first = await b.start();
    const account = await b.opened(first);
    for (let round = 0; round < 12; round += 1)
      await Promise.all(Array.from({ length: 100 }, () => first.dispatch(b.credit(account, 1n))));
    await first.stop();
    const snapshot = await b.store.loadSnapshot(account, laneModels.account.evolveVersion);
    expect(snapshot?.version).toBeGreaterThan(1_000);
    const second = await b.start();
    await second.dispatch(b.credit(account, 1n));
    const events = await b.store.readStream(account, streamVersion(1), 2_000);
    expect(events.at(-1)?.version).toBe(1_202);
    expect(decodeRecorded(events.at(-1) ?? missing()).prevHash).toBe(hashOf((events.at(-2) ?? missing()).bytes));
    expect(await b.store.readAll(position(0), 1)).toHaveLength(1);
  }, 30_000);
});

function missing(): never {
  throw new Error('there is no such event');
}
