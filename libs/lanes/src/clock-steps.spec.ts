import { afterEach, describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, epochMs, streamVersion } from '@ringfence/kernel/units';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { LaneBench } from '@ringfence/testing/lane-bench';
import { clockStepsMs } from '@ringfence/testing/settable-clock';
import type { LaneExecutor } from './lane-executor.js';
import { latestDecisionMs } from './latest-decision.js';
import { clockStepHeldMs, SteadyClock } from './steady-clock.js';

const running: LaneBench[] = [];
const held = { code: 'clock_stepped', retryable: true };

/** A lane on a machine whose clock is set; its store is on the same machine. */
class SteppedLane {
  readonly bench = new LaneBench();
  readonly timers = new FakeTimers(this.bench.clock);

  constructor() {
    running.push(this.bench);
  }

  /** Starts as the process does. */
  async start(): Promise<LaneExecutor> {
    const { bench, timers } = this;
    const decidedUpToMs = await latestDecisionMs(bench.store);
    const clock = new SteadyClock(bench.clock, timers);
    return bench.start({ clock, timers, decidedUpToMs });
  }

  setBy(ms: number): void {
    const { clock } = this.bench;
    clock.set(epochMs(clock.now() + ms));
  }

  /**
   * Sends what a client sends every day: money, a call that is placed, a key that is revoked.
   * @returns what became of each
   */
  async everyday(executor: LaneExecutor, { account, keyId }: { account: AccountId; keyId: KeyId }) {
    const b = this.bench;
    const spare = b.ids.keyId();
    const asked = [
      () => b.credit(account, 1_000_000n),
      () => b.place(account, keyId),
      () => b.issue(account, spare, 'test'),
      () => b.command({ type: 'RevokeKey', accountId: account, keyId: spare, reason: 'leaked', onRevoke: null }),
    ];
    const results: string[] = [];
    for (const command of asked)
      results.push(
        await executor.dispatch(command()).then(
          (outcome) => (outcome.accepted ? 'accepted' : outcome.refusal.code),
          (failure: unknown) => (failure instanceof Failure ? failure.code : String(failure)),
        ),
      );
    return results;
  }
}

const allOf = (what: string) => [what, what, what, what];

afterEach(async () => {
  for (const bench of running.splice(0)) await bench.stop();
});

describe('a lane whose machine’s clock is set', () => {
  it.each(clockStepsMs)(
    'decides nothing while it is off by %i ms, and everything when it is right again',
    async (byMs) => {
      const lane = new SteppedLane();
      const executor = await lane.start();
      const [inUse, atRest] = [await ready(lane, executor), await ready(lane, executor)];
      const version = (await lane.bench.events(inUse.account)).length;
      lane.setBy(byMs);
      for (let tried = 0; tried < 4; tried += 1) {
        expect(await lane.everyday(executor, inUse)).toEqual(allOf(held.code));
        await lane.timers.advance(1_000);
      }
      expect(await lane.bench.events(inUse.account)).toHaveLength(version);
      lane.setBy(-byMs);
      await settled(lane, executor);
      for (const whose of [inUse, atRest]) expect(await lane.everyday(executor, whose)).toEqual(allOf('accepted'));
      await executor.stop();
      const restarted = await lane.start();
      for (const whose of [inUse, atRest]) expect(await lane.everyday(restarted, whose)).toEqual(allOf('accepted'));
    },
  );

  it.each(clockStepsMs)(
    'goes on when it stays off by %i ms, when it is right again, and after a restart',
    async (byMs) => {
      const lane = new SteppedLane();
      const executor = await lane.start();
      const [inUse, atRest] = [await ready(lane, executor), await ready(lane, executor)];
      lane.setBy(byMs);
      expect(executor.clockFault).toBe('stepped');
      await lane.timers.advance(clockStepHeldMs);
      await settled(lane, executor);
      expect(await lane.everyday(executor, inUse)).toEqual(allOf('accepted'));
      lane.setBy(-byMs);
      expect(executor.clockFault).toBe('stepped');
      await lane.timers.advance(clockStepHeldMs);
      await settled(lane, executor);
      for (const whose of [inUse, atRest]) expect(await lane.everyday(executor, whose)).toEqual(allOf('accepted'));
      await executor.stop();
      const restarted = await lane.start();
      for (const whose of [inUse, atRest]) expect(await lane.everyday(restarted, whose)).toEqual(allOf('accepted'));
      const moments = (await lane.bench.store.readStream(inUse.account, streamVersion(1), 1_000)).map(
        (event) => decodeRecorded(event).decidedAtMs,
      );
      expect(moments).toEqual([...moments].sort((left, right) => left - right));
    },
  );

  it.each(clockStepsMs)(
    'lets a call ring for as long as it may, when its clock stays off by %i ms and is put right later',
    async (byMs) => {
      const lane = new SteppedLane();
      const executor = await lane.start();
      const whose = await ready(lane, executor);
      lane.setBy(byMs);
      expect(executor.clockFault).toBe('stepped');
      await lane.timers.advance(clockStepHeldMs);
      await settled(lane, executor);
      await executor.dispatch(lane.bench.credit(whose.account, 1n));
      lane.setBy(-byMs);
      expect(executor.clockFault).toBe('stepped');
      await lane.timers.advance(clockStepHeldMs);
      await settled(lane, executor);
      await executor.dispatch(lane.bench.place(whose.account, whose.keyId));
      const types = async () => (await lane.bench.events(whose.account)).map(({ data }) => data.type);
      const ringsForMs = 60_000 + 5_000;
      await lane.timers.advance(ringsForMs - 1_000);
      expect(await types()).not.toContain('CallHangUpRequested');
      await lane.timers.advance(3_000);
      expect(await types()).toContain('CallHangUpRequested');
    },
  );

  it('puts off what time brings while it is held, and does it then', async () => {
    const lane = new SteppedLane();
    const executor = await lane.start();
    const whose = await ready(lane, executor);
    await executor.dispatch(lane.bench.place(whose.account, whose.keyId));
    await lane.timers.advance(60_000);
    lane.setBy(600_000);
    const types = async () => (await lane.bench.events(whose.account)).map(({ data }) => data.type);
    await lane.timers.advance(9_000);
    expect(await types()).not.toContain('CallHangUpRequested');
    lane.setBy(-600_000);
    await lane.timers.advance(2_000);
    expect(await types()).toContain('CallHangUpRequested');
  });

  it('refuses by the wall clock what has waited too long, and nothing else, though its stamps are ahead', async () => {
    const lane = new SteppedLane();
    const { bench } = lane;
    const executor = await bench.start({ decidedUpToMs: addDuration(bench.clock.now(), durationMs(600_000)) });
    const account = await bench.opened(executor);
    const late = { deadlineMs: epochMs(bench.clock.now() - 1) };
    expect(await executor.dispatch(bench.credit(account, 5n, late))).toMatchObject({
      refusal: { code: 'deadline_passed' },
    });
    expect(await executor.dispatch(bench.credit(account, 5n))).toMatchObject({ accepted: true });
    expect((await bench.events(account)).every(({ decidedAtMs }) => decidedAtMs >= bench.clock.now() + 600_000)).toBe(
      true,
    );
  });
});

async function ready(lane: SteppedLane, executor: LaneExecutor) {
  const whose = await lane.bench.withKey(executor);
  await lane.bench.ableToCall(executor, whose.account);
  return whose;
}

/** The store has been asked for its time. */
async function settled({ timers }: SteppedLane, executor: LaneExecutor): Promise<void> {
  expect(executor.clockFault).not.toBe('stepped');
  await timers.advance(0);
  expect(executor.clockFault).toBeNull();
}
