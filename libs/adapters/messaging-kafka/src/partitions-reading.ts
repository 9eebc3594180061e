import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, ClusterMetadata, Consumer } from '@platformatic/kafka';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { UncommittedItem } from '@ringfence/ports/message-bus/message';
import type { PartitionRange } from '@ringfence/ports/message-bus/message-bus';
import { intakeRetryMs } from '@ringfence/ports/message-bus/partition-intake';
import type { Isolation } from '@ringfence/ports/message-bus/taking';
import { answerMsMax, withTimeout } from './answered.js';
import { type BatchFetcher, errorCodes, type FetchedPartition, fetchWaitMsMax } from './fetching.js';
import { itemsIn } from './partition-items.js';

/** Time for which a fetch stays open while another partition is waiting. */
const shortWaitMs = 10;
/** Interval at which a partition that cannot be read is retried. */
const stuckRetryMs = 1_000;

type PartitionsReadingParts = {
  readonly topic: string;
  readonly isolation: Isolation;
  readonly fetcher: BatchFetcher;
  /** Looks up the leaders of the partitions. */
  readonly client: Pick<Consumer, 'metadata'>;
  readonly ranges: () => Promise<readonly PartitionRange[]>;
  /**
   * @returns false: there was no room for it; reading goes on from the next `seek`
   * @throws if the item may not be skipped: it is then taken again
   */
  readonly take: (item: UncommittedItem) => boolean;
  readonly onRetryableError: (cause: unknown) => void;
};

/** Place from which a partition is read next; replaced by a new object at each seek. */
type Place = { offset: bigint };

/**
 * Reads partitions of a topic, each from where it was sought, until it is stopped. Each broker has its own loop, and
 * one that does not answer delays only its own partitions.
 */
export class PartitionsReading {
  readonly #places = new Map<number, Place>();
  /** Partitions whose items did not fit: they are not fetched. */
  readonly #full = new Set<number>();
  /** Partitions that cannot be read at the moment: they are not fetched for a while. */
  readonly #waiting = new Map<number, Place>();
  readonly #ending = new AbortController();
  /** Fetch loops by the id of the broker. */
  readonly #loops = new Map<number, Promise<void>>();
  #metadata: ClusterMetadata | undefined;
  #spreading: Promise<void> = Promise.resolve();
  #isSpreading = false;
  #spreadWanted = false;
  #isFailing = false;
  #turn = 0;

  constructor(private readonly parts: PartitionsReadingParts) {}

  seek(partition: number, offset: bigint): void {
    if (this.#ending.signal.aborted) return;
    this.drop(partition);
    this.#places.set(partition, { offset });
    this.#spread();
  }

  drop(partition: number): void {
    this.#places.delete(partition);
    this.#full.delete(partition);
    this.#waiting.delete(partition);
  }

  /** Stops reading; settles when no fetch is under way. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#places.clear();
    await Promise.all([this.#spreading, ...this.#loops.values()]);
  }

  /** Starts a loop for every broker that leads a partition of the reading. */
  #spread(): void {
    this.#spreadWanted = true;
    if (this.#isSpreading) return;
    this.#isSpreading = true;
    this.#spreading = this.#spreadAll();
  }

  async #spreadAll(): Promise<void> {
    while (this.#spreadWanted && !this.#ending.signal.aborted) {
      this.#spreadWanted = false;
      try {
        this.#metadata ??= await this.#lookUp();
        this.#fetchFromLeaders();
      } catch (failure) {
        this.#metadata = undefined;
        this.#spreadWanted = true;
        await this.#onFailure(failure);
      }
    }
    this.#isSpreading = false;
  }

  /** @throws Failure `bus_unavailable` (retryable): a partition has no leader */
  #fetchFromLeaders(): void {
    const leaders = [...this.#places.keys()].map((partition) => this.#leaderOf(partition));
    for (const leader of new Set(leaders)) if (leader !== undefined) this.#startFetching(leader);
    if (leaders.includes(undefined))
      throw busFailures.bus_unavailable(new Error(`a partition of ${this.parts.topic} has no leader`));
  }

  #lookUp(): Promise<ClusterMetadata> {
    return withTimeout(this.parts.client.metadata({ topics: [this.parts.topic], forceUpdate: true }), answerMsMax);
  }

  /** undefined: unknown, or there is none */
  #leaderOf(partition: number): number | undefined {
    const leader = this.#metadata?.topics.get(this.parts.topic)?.partitions[partition]?.leader;
    return leader === undefined || leader < 0 ? undefined : leader;
  }

  #startFetching(node: number): void {
    if (this.#loops.has(node)) return;
    const loop = this.#fetchFrom(node).finally(() => {
      this.#loops.delete(node);
      // Partitions that were sought, or have moved, since the last look.
      if (!this.#ending.signal.aborted && this.#places.size > 0) this.#spread();
    });
    this.#loops.set(node, loop);
  }

  async #fetchFrom(node: number): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const broker = this.#metadata?.brokers.get(node);
      const places = new Map([...this.#places].filter(([partition]) => this.#leaderOf(partition) === node));
      if (broker === undefined || places.size === 0) return;
      try {
        await this.#fetchOnce(broker, places);
        this.#isFailing = false;
      } catch (failure) {
        this.#metadata = undefined;
        await this.#onFailure(failure);
        return;
      }
    }
  }

  async #fetchOnce(broker: Broker, places: ReadonlyMap<number, Place>): Promise<void> {
    const { fetcher, topic, isolation } = this.parts;
    const waitMs = this.#full.size > 0 ? shortWaitMs : fetchWaitMsMax;
    const all = [...places].map(([partition, { offset }]) => ({ partition, offset }));
    this.#turn += 1;
    const first = this.#turn % all.length;
    // Each partition in turn is the first, because the size of an answer is limited.
    const partitions = [...all.slice(first), ...all.slice(0, first)];
    const fetched = await fetcher.fetch(broker, { topic, isolation, waitMs, partitions });
    const failed: number[] = [];
    for (const each of fetched) {
      const place = places.get(each.partition);
      if (place === undefined || this.#places.get(each.partition) !== place) continue;
      if (each.errorCode === 0) this.#take(each, place);
      else if (each.errorCode === errorCodes.offsetOutOfRange)
        this.#later(each.partition, place, () => this.#back(place, each.partition)); // prettier-ignore
      else failed.push(each.errorCode);
    }
    if (failed.length > 0) throw busFailures.bus_unavailable(new Error(`${topic}: error ${failed.join(', ')}`));
  }

  #take(fetched: FetchedPartition, place: Place): void {
    const { topic, isolation, take, onRetryableError } = this.parts;
    const { partition } = fetched;
    try {
      for (const { items, next } of itemsIn(topic, fetched, place.offset, isolation)) {
        for (const item of items) {
          if (take(item)) continue;
          this.#places.delete(partition);
          this.#full.add(partition);
          return;
        }
        place.offset = next;
      }
    } catch (failure) {
      onRetryableError(failure);
      this.#later(partition, place, () => Promise.resolve(place.offset));
    }
  }

  /**
   * Moves a place into the range: an offset that is no longer held becomes the oldest; one beyond the end waits there.
   */
  async #back({ offset }: Place, partition: number): Promise<bigint> {
    const { first = offset } = (await this.parts.ranges())[partition] ?? {};
    return offset < first ? first : offset;
  }

  /** Pauses the reading of a partition for a while. */
  #later(partition: number, place: Place, whereTo: () => Promise<bigint>): void {
    const { signal } = this.#ending;
    this.#places.delete(partition);
    this.#waiting.set(partition, place);
    const resume = async () => {
      await sleep(stuckRetryMs, undefined, { signal });
      const offset = await whereTo().catch(() => place.offset);
      if (this.#waiting.get(partition) === place) this.seek(partition, offset);
    };
    resume().catch((failure: unknown) => {
      if (!signal.aborted) this.parts.onRetryableError(failure);
    });
  }

  /** Reports the first failure of a series; later ones add nothing. */
  async #onFailure(failure: unknown): Promise<void> {
    const { signal } = this.#ending;
    if (!this.#isFailing && !signal.aborted) this.parts.onRetryableError(failure);
    this.#isFailing = true;
    await sleep(intakeRetryMs, undefined, { signal }).catch(() => undefined);
  }
}
