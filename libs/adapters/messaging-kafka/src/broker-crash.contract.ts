import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { BusMessage, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { dice } from '@ringfence/testing/dice';
import { ownKafka } from '@ringfence/testing/kafka/broker-chain';
import { KafkaMessageBus } from './kafka-message-bus.js';

const partitions = 8;
const keys = 96;
/** Numbers of calls under way at once: a few make many small sends, many make few large ones. */
const windows = [512, 4, 2_000, 64];
const messageSizes = [40, 400];
/** Time for which nobody may get an answer while there is no broker. */
const outageLookMs = 400;

/**
 * One life of the broker: so much is acknowledged, while so many calls are under way, until it stalls (at times) and is
 * killed.
 */
type Life = {
  readonly underWayMax: number;
  readonly acknowledged: number;
  readonly pauseMs: number;
  /**
   * Time during which it accepts nothing more before it dies with what was sent to it meanwhile; null: it dies at work.
   */
  readonly stallMs: number | null;
};

/**
 * Publishes without a pause while the broker is killed again and again, at last with nothing under way, and then looks
 * at what the topic holds: every message that was acknowledged, none besides, each key in the order of the calls. The
 * same seed gives the same lives and the same load.
 */
export async function killTheBroker(kills: number, seed: number): Promise<void> {
  const random = dice(seed);
  const broker = await ownKafka();
  const bus = new KafkaMessageBus({ brokers: broker.brokers, clientId: `${broker.prefix}crash` });
  try {
    const topic = `${broker.prefix}crash`;
    await bus.ensureTopics([
      { name: topic, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
    ]);
    const reader = await Readings.of(bus, topic);
    const load = new Load(bus, topic, random);
    for (const life of livesOf(kills - 1, random)) {
      await load.live(life);
      await sleep(life.pauseMs);
      if (life.stallMs !== null) {
        await broker.stall();
        await sleep(life.stallMs);
      }
      await broker.kill();
      await broker.restart();
    }
    await load.end();
    await broker.kill();
    const acknowledgedInOutage = await load.acknowledgedWithin(outageLookMs);
    await broker.restart();
    await load.end();
    await reader.untilAllOf(bus);
    const { lost, notAsked, outOfOrder } = reader.comparedWith(load.acknowledged);
    expect({
      acknowledgedInOutage,
      refused: some(load.refused),
      lost: some(lost),
      notAsked: some(notAsked),
      outOfOrder: some(outOfOrder),
    }).toEqual({
      acknowledgedInOutage: false,
      refused: none,
      lost: none,
      notAsked: none,
      outOfOrder: none,
    });
  } finally {
    await bus.close();
    await broker.discard();
  }
}

/** Shows the number of items and the first of them: a failure may concern thousands. */
function some(list: readonly unknown[]) {
  return { count: list.length, first: list.slice(0, 5) };
}
const none = some([]);

function livesOf(count: number, random: () => number): readonly Life[] {
  return Array.from({ length: count }, (_, at) => {
    const underWayMax = windows[at % windows.length] ?? 1;
    const acknowledged = 200 + Math.floor(underWayMax * (1 + 7 * random()));
    const pauseMs = Math.floor(random() * 20);
    const stallMs = at % 2 === 0 ? 20 + Math.floor(random() * 200) : null;
    return { underWayMax, acknowledged, pauseMs, stallMs };
  });
}

/** Calls that do not wait for each other: a number of them is under way at every moment, through every outage. */
class Load {
  readonly acknowledged = new Set<number>();
  readonly refused: unknown[] = [];
  #underWay = 0;
  #underWayMax = 0;
  #next = 0;
  #watcher: () => void = () => undefined;

  constructor(
    private readonly bus: MessageBus,
    private readonly topic: string,
    private readonly random: () => number,
  ) {}

  /** Keeps as many calls under way as this life wants; settles when it has had its share. */
  async live({ underWayMax, acknowledged }: Life): Promise<void> {
    const enough = this.acknowledged.size + acknowledged;
    this.#underWayMax = underWayMax;
    this.#fill();
    await this.#when(() => this.acknowledged.size >= enough);
  }

  /** Begins no more calls; settles when none is under way. */
  async end(): Promise<void> {
    this.#underWayMax = 0;
    await this.#when(() => this.#underWay === 0);
  }

  /** Makes one call, and says whether it was answered within `ms`. */
  async acknowledgedWithin(ms: number): Promise<boolean> {
    this.#underWay += 1;
    const acknowledged = this.#send(this.#next++).then(() => true);
    return Promise.race([acknowledged, sleep(ms, false)]);
  }

  #fill(): void {
    while (this.#underWay < this.#underWayMax) {
      this.#underWay += 1;
      void this.#send(this.#next++);
    }
  }

  async #send(id: number): Promise<void> {
    try {
      await this.bus.publish([this.#messageOf(id)]);
      this.acknowledged.add(id);
    } catch (failure) {
      this.refused.push(failure);
    }
    this.#underWay -= 1;
    this.#watcher();
    this.#fill();
  }

  #when(reached: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#watcher = () => {
        if (reached()) resolve();
      };
      this.#watcher();
    });
  }

  #messageOf(id: number): OutgoingMessage {
    const size = messageSizes[Math.floor(this.random() * messageSizes.length)] ?? 0;
    const headers = { id: String(id) };
    return { topic: this.topic, key: keyOf(id), headers, value: Buffer.alloc(size, 'x') };
  }
}

function keyOf(id: number): string {
  return `key-${String(id % keys)}`;
}

/**
 * The contents of the topic, read by a member of a group that lives through the same outages. A message that comes
 * twice counts where it came first.
 */
class Readings {
  readonly #seen = new Set<number>();
  readonly #next = new Map<number, bigint>();
  #onGrowth: () => void = () => undefined;

  private constructor(private readonly topic: string) {}

  static async of(bus: MessageBus, topic: string): Promise<Readings> {
    const readings = new Readings(topic);
    await bus.join({
      topic,
      group: `${topic}.readers`,
      onAssigned: () => Promise.resolve(new Map()),
      onMessages: (_partition, batch) => {
        for (const message of batch) readings.#take(message);
        readings.#onGrowth();
        return Promise.resolve();
      },
      onRevoked: () => Promise.resolve(),
      onRetryableError: () => undefined,
    });
    return readings;
  }

  /** Settles when everything that the topic holds now was read. */
  async untilAllOf(bus: MessageBus): Promise<void> {
    const ends = (await bus.ranges(this.topic)).map(({ next }) => next);
    await new Promise<void>((resolve) => {
      this.#onGrowth = () => {
        if (ends.every((end, partition) => (this.#next.get(partition) ?? 0n) >= end)) resolve();
      };
      this.#onGrowth();
    });
  }

  comparedWith(acknowledged: ReadonlySet<number>) {
    const lost = [...acknowledged].filter((id) => !this.#seen.has(id));
    const notAsked = [...this.#seen].filter((id) => !acknowledged.has(id));
    const latest = new Map<string, number>();
    const outOfOrder = [...this.#seen].filter((id) => {
      const before = latest.get(keyOf(id)) ?? -1;
      latest.set(keyOf(id), Math.max(before, id));
      return id < before;
    });
    return { lost, notAsked, outOfOrder };
  }

  #take({ partition, offset, headers }: BusMessage): void {
    this.#seen.add(Number(headers['id']));
    this.#next.set(partition, offset + 1n);
  }
}
