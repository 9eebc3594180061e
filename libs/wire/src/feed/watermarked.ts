import type { BusMessage } from '@ringfence/ports/message-bus/message';
import type { Following, Joining, Membership, MessageBus, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import { WatermarkInjector } from './watermark-injector.js';

/** The topic of watermarks, and the pause while it is unavailable. */
type WatermarkSource = {
  readonly topic: string;
  /** Settles after a while, or when the signal aborts. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
};

/**
 * Follows partitions of the topic of events, with watermarks in their places.
 * @param following the bus's own options
 * @param atEnd whether nothing is left to be read of a partition where reading begins
 */
export async function followWatermarked(
  bus: Pick<MessageBus, 'follow'>,
  following: Following,
  source: WatermarkSource,
  atEnd: (partition: number, start: ReadFrom) => boolean,
): Promise<Membership> {
  const { topic, from, onMessages, onRetryableError } = following;
  const injector = new WatermarkInjector(topic, onMessages, onRetryableError);
  for (const [partition, start] of from)
    injector.begin(partition, { atEnd: atEnd(partition, start), watermarksFrom: 0n });
  const membership = await bus.follow({ ...following, onMessages: deliveringTo(injector) });
  // Only now: watermarks from here on are not older than the beginning of the reading.
  return together(membership, new WatermarkFollower(bus, source, injector, onRetryableError));
}

/** Joins the group of the topic of events, each partition from its end on, with watermarks in their places. */
export async function joinWatermarked(
  bus: Pick<MessageBus, 'join' | 'follow' | 'ranges'>,
  joining: Joining,
  source: WatermarkSource,
): Promise<Membership> {
  const { topic, onMessages, onAssigned, onRevoked, onRetryableError } = joining;
  const injector = new WatermarkInjector(topic, onMessages, onRetryableError);
  const watermarks = new WatermarkFollower(bus, source, injector, onRetryableError);
  const membership = await bus.join({
    ...joining,
    onMessages: deliveringTo(injector),
    onAssigned: async (partitions) => {
      // Watermarks before this offset may be older than the beginning of the reading of these partitions.
      const [range] = await bus.ranges(source.topic);
      for (const partition of partitions) injector.begin(partition, { atEnd: true, watermarksFrom: range?.next ?? 0n });
      return onAssigned(partitions);
    },
    onRevoked: (partitions) => {
      injector.forget(partitions);
      return onRevoked(partitions);
    },
  });
  return together(membership, watermarks);
}

function deliveringTo(injector: WatermarkInjector) {
  return (partition: number, batch: readonly BusMessage[]) => injector.deliver(partition, batch);
}

function together(membership: Membership, watermarks: WatermarkFollower): Membership {
  return {
    leave: async () => {
      await Promise.all([watermarks.leave(), membership.leave()]);
    },
  };
}

/** Follows the topic of watermarks, and retries when the bus fails: events are read without it too. */
class WatermarkFollower {
  readonly #ending = new AbortController();
  readonly #following: Promise<void>;
  #membership: Membership | undefined;

  constructor(
    private readonly bus: Pick<MessageBus, 'follow'>,
    private readonly source: WatermarkSource,
    private readonly injector: WatermarkInjector,
    private readonly onRetryableError: (cause: unknown) => void,
  ) {
    this.#following = this.#follow(this.#ending.signal);
  }

  /** Does not wait for a bus that has not accepted us yet: the membership is left as soon as it begins. */
  async leave(): Promise<void> {
    this.#ending.abort();
    await this.#membership?.leave();
    if (this.#membership !== undefined) await this.#following;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { topic, pause } = this.source;
    while (!signal.aborted && this.#membership === undefined) {
      try {
        const membership = await this.bus.follow({
          topic,
          from: new Map([[0, 'next']]),
          onMessages: (_partition, batch) => {
            this.#receive(batch);
            return Promise.resolve();
          },
          onRetryableError: this.onRetryableError,
        });
        this.#membership = membership;
        if (this.#ending.signal.aborted) await membership.leave();
      } catch (failure) {
        this.onRetryableError(failure);
        await pause(signal);
      }
    }
  }

  /** Skips a watermark that cannot be read: another follows, and no event depends on it. */
  #receive(batch: readonly BusMessage[]): void {
    for (const message of batch) {
      try {
        this.injector.receive(message);
      } catch (failure) {
        this.onRetryableError(failure);
      }
    }
  }
}
