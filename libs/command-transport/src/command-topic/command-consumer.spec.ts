import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId } from '@ringfence/kernel/ids';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { epochMs, streamVersion } from '@ringfence/kernel/units';
import type { BusMessage, OutgoingMessage, UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { Joining, MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { topicsOf } from '@ringfence/wire/topics';
import { exampleRoutes, sealedExample } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { openPricedLog } from '@ringfence/testing/priced-log';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { commandEvent } from '../envelope/wire-command-envelope.js';
import { CommandConsumer, retakeAfterMs } from './command-consumer.js';
import { lookBackRecords } from './duplicate-record-filter.js';
import { vouchedHeaders } from './cluster-event.js';
import { ClusterMac } from './cluster-mac.js';

const laneCount = 64;
const topics = topicsOf('spec');
const voucher = new ClusterMac(KeyRing.parse(`one:${Buffer.alloc(32, 1).toString('base64')}`, 'spec'));

/** A bus whose group is played by the test; what is published can fail. */
class HandBus implements Pick<MessageBus, 'joinUncommitted' | 'publish' | 'uncommittedRanges'> {
  joined: Joining<UncommittedItem> | undefined;
  refuses = false;
  /** Number of messages that were ever written, per partition. */
  written = 1_000_000n;
  readonly published: OutgoingMessage[] = [];

  joinUncommitted(joining: Joining<UncommittedItem>) {
    this.joined = joining;
    return Promise.resolve({ leave: () => Promise.resolve() });
  }

  uncommittedRanges() {
    if (this.refuses) return Promise.reject(new Failure('bus_unavailable', 'away', true));
    return Promise.resolve(Array.from({ length: laneCount }, () => ({ first: 0n, next: this.written })));
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.refuses) return Promise.reject(new Failure('bus_unavailable', 'away', true));
    this.published.push(...messages);
    return Promise.resolve();
  }
}

class Bench {
  readonly clock = new FakeClock();
  readonly timers = new FakeTimers(this.clock);
  readonly ids = new PredictableIds();
  readonly store = new MemoryEventStore(new MemoryLog(), this.clock);
  readonly bus = new HandBus();
  readonly told: string[] = [];

  async start(): Promise<LaneExecutor> {
    const { clock, timers, ids, store, bus, told } = this;
    const log = await openPricedLog(store, { clock, ids, owner: 'spec' });
    const host = {
      lanesLost: () => told.push('lanes lost'),
      parked: () => told.push('parked'),
      quarantined: () => told.push('quarantined'),
      outdated: () => told.push('outdated'),
      broken: () => told.push('broken'),
    };
    const executor = await LaneExecutor.start({
      store,
      clock,
      timers,
      ids,
      host,
      log,
      routes: exampleRoutes,
      owner: 'spec',
      lanes: 'none',
    });
    const vault = new InMemorySubjectVault(ids);
    const onRetryableError = () => undefined;
    const onTopicRecreated = (lanes: readonly Lane[]) => told.push(`recreated topic: ${lanes.join()}`);
    await CommandConsumer.start({
      bus: bus as unknown as MessageBus,
      accountBus: bus,
      topics,
      laneCount,
      executor,
      store,
      vault,
      voucher,
      clock,
      ids,
      door: null,
      instance: 'spec',
      onRetryableError,
      onTopicRecreated,
      timers,
    });
    return executor;
  }

  assign(lane: Lane) {
    return this.bus.joined?.onAssigned([lane]);
  }

  hand(lane: Lane, ...messages: readonly BusMessage[]): Promise<void> | undefined {
    return this.bus.joined?.onMessages(lane, messages);
  }

  opening(lane: Lane, offset: bigint, accountId: AccountId): BusMessage {
    const name = sealedExample('Example Inc');
    const payload = {
      type: 'OpenAccount',
      accountId,
      name,
      currency: 'USD',
      region: 'eu',
      timeZone: 'UTC',
      zoneDisputed: false,
    } as const;
    const command: SubmittedCommand = {
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: Buffer.from('fields'),
      stream: accountId,
      by: { kind: 'operator', name: 'spec' },
      payload,
      result: {},
      deadlineMs: epochMs(this.clock.now() + 600_000),
      traceparent: null,
    };
    const event = commandEvent(
      command,
      this.clock.now(),
      { partition: 0, correlation: `c${String(offset)}` },
      'urn:spec',
    );
    const headers = vouchedHeaders(event, voucher);
    return { topic: topics.commands, key: accountId, partition: lane, offset, headers, value: event.data };
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
    const batch = [b.opening(lane, 0n, b.account(lane, false)), b.opening(lane, 1n, b.account(lane, true))];
    b.bus.refuses = true;
    await expect(b.hand(lane, ...batch)).rejects.toMatchObject({ code: 'bus_unavailable' });
    expect([0n, 1n].map((offset) => executor.isConsumed({ lane, offset }))).toEqual([false, true]);
    b.bus.refuses = false;
    await b.hand(lane, ...batch);
    expect(b.bus.published.filter(({ topic }) => topic === topics.commands)).toHaveLength(1);
    expect(executor.isConsumed({ lane, offset: 0n })).toBe(true);
  });

  it('takes a lane again that was taken from it while the group still leaves it here', async () => {
    const b = new Bench();
    await b.start();
    await b.assign(lane);
    // One that was cut off long ago, and whose question was on its way for as long.
    await b.store.takeLanes([lane], 'cut off');
    const accountId = b.account(lane, true);
    const message = b.opening(lane, 0n, accountId);
    await expect(b.hand(lane, message)).rejects.toMatchObject({ code: 'lane_unavailable' });
    await b.timers.advance(retakeAfterMs - 1_000);
    await expect(b.hand(lane, message)).rejects.toMatchObject({ code: 'lane_unavailable' });
    await b.timers.advance(retakeAfterMs);
    await b.hand(lane, message);
    expect(await b.eventsOf(accountId)).toHaveLength(1);
    expect(b.told).toEqual(['lanes lost']);
  });

  it('begins some way before what is still open, to know what its predecessor has had', async () => {
    const b = new Bench();
    const executor = await b.start();
    expect(await b.assign(lane)).toEqual(new Map([[lane, 'first']]));
    await executor.commitOffsets([{ lane, offset: 0n }]);
    await b.bus.joined?.onRevoked([lane]);
    expect(await b.assign(lane)).toEqual(new Map([[lane, 0n]]));
    const many = Array.from({ length: 1_000 }, (_, at) => ({ lane, offset: BigInt(at) + 1n }));
    await executor.commitOffsets(many);
    await b.bus.joined?.onRevoked([lane]);
    expect(await b.assign(lane)).toEqual(new Map([[lane, 1_001n - lookBackRecords]]));
  });

  describe('whose topic holds less than was ever consumed of it', () => {
    async function madeAnew() {
      const b = new Bench();
      const executor = await b.start();
      await b.assign(lane);
      await executor.commitOffsets(Array.from({ length: 5 }, (_, at) => ({ lane, offset: BigInt(at) })));
      await b.bus.joined?.onRevoked([lane]);
      return { b, executor };
    }

    it('decides what lies in it from its first record on, and says that it is another topic', async () => {
      const { b, executor } = await madeAnew();
      b.bus.written = 1n;
      expect(await b.assign(lane)).toEqual(new Map([[lane, 'first']]));
      expect(b.told).toEqual([`recreated topic: ${String(lane)}`]);
      const accountId = b.account(lane, true);
      await b.hand(lane, b.opening(lane, 0n, accountId));
      expect(await b.eventsOf(accountId)).toHaveLength(1);
      // The next owner goes on from there.
      await b.bus.joined?.onRevoked([lane]);
      b.bus.written = 4n;
      expect(await b.assign(lane)).toEqual(new Map([[lane, 0n]]));
      expect([0n, 1n, 4n].map((offset) => executor.isConsumed({ lane, offset }))).toEqual([true, false, false]);
      expect(b.told).toHaveLength(1);
    });

    it('knows it also where what was consumed last was done out of order', async () => {
      const b = new Bench();
      const executor = await b.start();
      await b.assign(lane);
      executor.trackOffsets([0n, 1n, 2n].map((offset) => ({ lane, offset })));
      await executor.commitOffsets([{ lane, offset: 2n }]);
      await b.bus.joined?.onRevoked([lane]);
      b.bus.written = 2n;
      expect(await b.assign(lane)).toEqual(new Map([[lane, 'first']]));
      expect(executor.isConsumed({ lane, offset: 2n })).toBe(false);
    });

    it('takes it for no other topic as long as all that was consumed was written', async () => {
      const { b } = await madeAnew();
      b.bus.written = 5n;
      expect(await b.assign(lane)).toEqual(new Map([[lane, 0n]]));
      expect(b.told).toEqual([]);
    });

    it('does not own it while what the topic holds cannot be found out', async () => {
      const { b, executor } = await madeAnew();
      b.bus.refuses = true;
      await expect(b.assign(lane)).rejects.toMatchObject({ code: 'bus_unavailable' });
      expect(executor.ownsLane(lane)).toBe(false);
    });

    it('begins with its first record also when the lane was taken from it before it had done one', async () => {
      const { b } = await madeAnew();
      b.bus.written = 1n;
      await b.assign(lane);
      await b.store.takeLanes([lane], 'cut off');
      const accountId = b.account(lane, true);
      const message = b.opening(lane, 0n, accountId);
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
    await b.bus.joined?.onRevoked([lane]);
    await b.timers.advance(3 * retakeAfterMs);
    expect(executor.ownsLane(lane)).toBe(false);
  });
});
