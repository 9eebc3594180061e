import { describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { epochMs, streamVersion } from '@ringfence/kernel/units';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { DeciderWorld, laneCount, topics } from '@ringfence/testing/decider-world';
import { HandBus } from '@ringfence/testing/hand-bus';
import { retakeAfterMs } from './command-consumer.js';
import { lookBackRecords } from './duplicate-record-filter.js';

class Bench extends DeciderWorld {
  readonly timers = new FakeTimers(this.clock);
  readonly hands = new HandBus(laneCount);

  async start(): Promise<LaneExecutor> {
    const { timers, hands } = this;
    const { executor } = await this.executor({ timers });
    const onRetryableError = () => undefined;
    await this.consumer(executor, { bus: hands.asBus, accountBus: hands, onRetryableError, timers });
    return executor;
  }

  assign(lane: Lane) {
    return this.hands.joined?.onAssigned([lane]);
  }

  hand(lane: Lane, ...messages: readonly BusMessage[]): Promise<void> | undefined {
    return this.hands.joined?.onMessages(lane, messages);
  }

  openingAt(lane: Lane, offset: bigint, accountId: AccountId): BusMessage {
    const command = this.opening(accountId, { deadlineMs: epochMs(this.clock.now() + 600_000) });
    return { ...this.record(command, `c${String(offset)}`), partition: lane, offset };
  }

  /** An account that lives in this lane, or in another. */
  account(lane: Lane, isHome: boolean): AccountId {
    const accountId = this.ids.accountId();
    return (laneOf(accountId, laneCount) === lane) === isHome ? accountId : this.account(lane, isHome);
  }

  eventsOf(accountId: AccountId) {
    return this.store.readStream(accountId, streamVersion(1), 10);
  }
}

const lane = 7 as Lane;

describe('the consumer of commands', () => {
  it('does not pass over a message that it could not forward, whatever follows it', async () => {
    const b = new Bench();
    const executor = await b.start();
    await b.assign(lane);
    const batch = [b.openingAt(lane, 0n, b.account(lane, false)), b.openingAt(lane, 1n, b.account(lane, true))];
    b.hands.refuses = true;
    await expect(b.hand(lane, ...batch)).rejects.toMatchObject({ code: 'bus_unavailable' });
    expect([0n, 1n].map((offset) => executor.isConsumed({ lane, offset }))).toEqual([false, true]);
    b.hands.refuses = false;
    await b.hand(lane, ...batch);
    expect(b.hands.published.filter(({ topic }) => topic === topics.commands)).toHaveLength(1);
    expect(executor.isConsumed({ lane, offset: 0n })).toBe(true);
  });

  it('takes a lane again that was taken from it while the group still leaves it here', async () => {
    const b = new Bench();
    await b.start();
    await b.assign(lane);
    // One that was cut off long ago, and whose question was on its way for as long.
    await b.store.takeLanes([lane], 'cut off');
    const accountId = b.account(lane, true);
    const message = b.openingAt(lane, 0n, accountId);
    await expect(b.hand(lane, message)).rejects.toMatchObject({ code: 'lane_unavailable' });
    await b.timers.advance(retakeAfterMs - 1_000);
    await expect(b.hand(lane, message)).rejects.toMatchObject({ code: 'lane_unavailable' });
    await b.timers.advance(retakeAfterMs);
    await b.hand(lane, message);
    expect(await b.eventsOf(accountId)).toHaveLength(1);
    expect(b.reports).toEqual(['lanes lost']);
  });

  it('begins some way before what is still open, to know what its predecessor has had', async () => {
    const b = new Bench();
    const executor = await b.start();
    expect(await b.assign(lane)).toEqual(new Map([[lane, 'first']]));
    await executor.commitOffsets([{ lane, offset: 0n }]);
    await b.hands.joined?.onRevoked([lane]);
    expect(await b.assign(lane)).toEqual(new Map([[lane, 0n]]));
    const many = Array.from({ length: 1_000 }, (_, at) => ({ lane, offset: BigInt(at) + 1n }));
    await executor.commitOffsets(many);
    await b.hands.joined?.onRevoked([lane]);
    expect(await b.assign(lane)).toEqual(new Map([[lane, 1_001n - lookBackRecords]]));
  });

  describe('whose topic holds less than was ever consumed of it', () => {
    async function recreated() {
      const b = new Bench();
      const executor = await b.start();
      await b.assign(lane);
      await executor.commitOffsets(Array.from({ length: 5 }, (_, at) => ({ lane, offset: BigInt(at) })));
      await b.hands.joined?.onRevoked([lane]);
      return { b, executor };
    }

    it('decides what lies in it from its first record on, and says that it is another topic', async () => {
      const { b, executor } = await recreated();
      b.hands.written = 1n;
      expect(await b.assign(lane)).toEqual(new Map([[lane, 'first']]));
      expect(b.reports).toEqual([`recreated topic: ${String(lane)}`]);
      const accountId = b.account(lane, true);
      await b.hand(lane, b.openingAt(lane, 0n, accountId));
      expect(await b.eventsOf(accountId)).toHaveLength(1);
      // The next owner goes on from there.
      await b.hands.joined?.onRevoked([lane]);
      b.hands.written = 4n;
      expect(await b.assign(lane)).toEqual(new Map([[lane, 0n]]));
      expect([0n, 1n, 4n].map((offset) => executor.isConsumed({ lane, offset }))).toEqual([true, false, false]);
      expect(b.reports).toHaveLength(1);
    });

    it('knows it also where what was consumed last was done out of order', async () => {
      const b = new Bench();
      const executor = await b.start();
      await b.assign(lane);
      executor.trackOffsets([0n, 1n, 2n].map((offset) => ({ lane, offset })));
      await executor.commitOffsets([{ lane, offset: 2n }]);
      await b.hands.joined?.onRevoked([lane]);
      b.hands.written = 2n;
      expect(await b.assign(lane)).toEqual(new Map([[lane, 'first']]));
      expect(executor.isConsumed({ lane, offset: 2n })).toBe(false);
    });

    it('takes it for no other topic as long as all that was consumed was written', async () => {
      const { b } = await recreated();
      b.hands.written = 5n;
      expect(await b.assign(lane)).toEqual(new Map([[lane, 0n]]));
      expect(b.reports).toEqual([]);
    });

    it('does not own it while what the topic holds cannot be found out', async () => {
      const { b, executor } = await recreated();
      b.hands.refuses = true;
      await expect(b.assign(lane)).rejects.toMatchObject({ code: 'bus_unavailable' });
      expect(executor.ownsLane(lane)).toBe(false);
    });

    it('begins with its first record also when the lane was taken from it before it had done one', async () => {
      const { b } = await recreated();
      b.hands.written = 1n;
      await b.assign(lane);
      await b.store.takeLanes([lane], 'cut off');
      const accountId = b.account(lane, true);
      const message = b.openingAt(lane, 0n, accountId);
      await expect(b.hand(lane, message)).rejects.toMatchObject({ code: 'lane_unavailable' });
      await b.timers.advance(2 * retakeAfterMs);
      await b.hand(lane, message);
      expect(await b.eventsOf(accountId)).toHaveLength(1);
    });
  });

  it('leaves a lane alone that it was asked to release', async () => {
    const b = new Bench();
    const executor = await b.start();
    await b.assign(lane);
    await b.hands.joined?.onRevoked([lane]);
    await b.timers.advance(3 * retakeAfterMs);
    expect(executor.ownsLane(lane)).toBe(false);
  });
});
