import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { laneTransactionsMax } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { epochMs, streamVersion } from '@ringfence/kernel/units';
import type { DecodedItem, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { MemoryMessageBus } from '@ringfence/messaging-memory/memory-message-bus';
import { DeciderWorld, laneCount, topics } from '@ringfence/testing/decider-world';
import { readDeadLetter } from './dead-letter.js';

/** A bus that reads no transaction. */
class DeafBus extends MemoryMessageBus {
  // eslint-disable-next-line @typescript-eslint/require-await, require-yield -- it fails as a bus does
  override async *readTransaction(): AsyncIterable<readonly DecodedItem[]> {
    throw new Failure('bus_unavailable', 'away', true);
  }
}

/** Deciders that read openings of accounts of one lane, in transactions and outside of them. */
class World extends DeciderWorld {
  readonly producing = this.bus();
  /** Lane of the commands. */
  readonly lane = laneOf(this.ids.accountId(), laneCount);
  #producers = 0n;

  /** The opening of an account that lives in the lane. */
  openingInLane(): { readonly accountId: AccountId; readonly message: OutgoingMessage } {
    const accountId = this.ids.accountId();
    if (laneOf(accountId, laneCount) !== this.lane) return this.openingInLane();
    const command = this.opening(accountId, { deadlineMs: epochMs(this.clock.now() + 600_000) });
    return { accountId, message: this.record(command, accountId) };
  }

  /** Openings in a transaction of a producer of its own. */
  transact(count: number) {
    this.#producers += 1n;
    const producer = this.#producers;
    const openings = Array.from({ length: count }, () => this.openingInLane());
    for (const { message } of openings) this.broker.append(message, producer);
    this.broker.appended(topics.commands);
    const end = (committed: boolean) => {
      this.broker.endTransaction(topics.commands, producer, committed);
    };
    return { accounts: openings.map(({ accountId }) => accountId), end };
  }

  /** Outside of transactions; settles when it is decided. */
  async decided(): Promise<void> {
    const { accountId, message } = this.openingInLane();
    await this.producing.publish([message]);
    await this.until(() => this.isOpen(accountId));
  }

  async isOpen(accountId: AccountId): Promise<boolean> {
    return (await this.store.readStream(accountId, streamVersion(1), 1)).length === 1;
  }

  async openOf(accounts: readonly AccountId[]): Promise<readonly AccountId[]> {
    const isOpen = await Promise.all(accounts.map((each) => this.isOpen(each)));
    return accounts.filter((_each, at) => isOpen[at]);
  }

  /** The accounts in the order of their first events. */
  get opened(): readonly string[] {
    return this.log.events.flatMap(({ stream, version }) => (version === 1 ? stream : []));
  }

  get letters() {
    const { dead, ranges } = { dead: topics.deadLetters, ranges: this.broker.ranges(topics.deadLetters) };
    return ranges
      .flatMap((_range, at) => this.broker.page(dead, at, 0n, 1_000))
      .flatMap((each) => readDeadLetter(each) ?? []);
  }

  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise(setImmediate);
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(async () => {
  await world.end();
});

describe('a transaction on the topic of commands', () => {
  it('holds up nobody while it is open, and counts when it is committed, in its order', async () => {
    await world.decider();
    const { accounts, end } = world.transact(3);
    await world.decided();
    expect(await world.openOf(accounts)).toEqual([]);
    end(true);
    await world.until(async () => (await world.openOf(accounts)).length === 3);
    expect(world.opened.slice(-3)).toEqual(accounts);
    await world.decided();
    expect(world.log.consumed.get(world.lane)?.transactions).toEqual([]);
  });

  it('never counts when it is aborted', async () => {
    await world.decider();
    const { accounts, end } = world.transact(2);
    await world.decided();
    end(false);
    await world.decided();
    await world.until(() => world.log.consumed.get(world.lane)?.transactions.length === 0);
    // Whatever was brought out of it would be decided before this.
    await world.decided();
    expect(await world.openOf(accounts)).toEqual([]);
  });

  it('waits for no other transaction', async () => {
    await world.decider();
    const [first, second] = [world.transact(1), world.transact(1)];
    second.end(true);
    await world.until(async () => (await world.openOf(second.accounts)).length === 1);
    expect(await world.openOf(first.accounts)).toEqual([]);
    first.end(true);
    await world.until(async () => (await world.openOf(first.accounts)).length === 1);
  });

  it('is known to the next owner of the lane, open or committed, though all behind it is consumed', async () => {
    const { stop } = await world.decider();
    const [open, committed] = [world.transact(2), world.transact(2)];
    // More than a new owner looks back.
    for (let times = 0; times < 300; times += 1) await world.producing.publish([world.openingInLane().message]);
    await world.decided();
    await stop();
    committed.end(true);
    await world.decider();
    await world.decided();
    open.end(true);
    const all = [...open.accounts, ...committed.accounts];
    await world.until(async () => (await world.openOf(all)).length === 4);
  }, 20_000);

  it('is completed by the next owner of the lane, when it could not be read', async () => {
    const deaf = new DeafBus(world.broker);
    const { stop } = await world.decider({ bus: deaf });
    const { accounts, end } = world.transact(2);
    end(true);
    await world.decided();
    expect(world.log.consumed.get(world.lane)?.transactions).toHaveLength(1);
    await stop();
    expect(await world.openOf(accounts)).toEqual([]);
    await world.decider();
    await world.until(async () => (await world.openOf(accounts)).length === 2);
  });

  it('that is one too many open in its lane is not followed: each of its batches is a dead letter that says so, and the others are as before', async () => {
    await world.decider();
    const open = Array.from({ length: laneTransactionsMax }, () => world.transact(1));
    const oneMore = world.transact(1);
    await world.decided();
    expect(world.letters).toMatchObject([
      {
        topic: topics.commands,
        partition: world.lane,
        offset: BigInt(laneTransactionsMax),
        withheld: true,
        reason: expect.stringContaining('is not followed'),
      },
    ]);
    for (const { end } of [...open, oneMore]) end(true);
    const accounts = open.flatMap((each) => each.accounts);
    await world.until(async () => (await world.openOf(accounts)).length === accounts.length);
    await world.decided();
    expect(await world.openOf(oneMore.accounts)).toEqual([]);
  }, 20_000);
});

describe('a batch on the topic of commands that no decider can decode', () => {
  it('is stepped over, and its place goes to the dead letters', async () => {
    await world.decider();
    world.broker.appendUndecodable(topics.commands, world.lane, 'it cannot be decoded: compression number 7');
    world.broker.appended(topics.commands);
    await world.decided();
    expect(world.letters).toMatchObject([
      {
        topic: topics.commands,
        partition: world.lane,
        offset: 0n,
        withheld: true,
        reason: expect.stringMatching(/compression number 7 .offsets 0 to 0/),
      },
    ]);
    expect(world.log.consumed.get(world.lane)).toMatchObject({ next: 2n, above: [] });
  });
});
