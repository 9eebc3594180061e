import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import { isRetryable } from '@ringfence/kernel/failure';
import type { LogId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { pause, type Timers } from '@ringfence/kernel/timers';
import { type EpochMs, type Position, position } from '@ringfence/kernel/units';
import { followWatermarked } from '@ringfence/wire/feed/watermarked';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import type { Membership, MessageBus, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import type { EventSource } from '@ringfence/projections/event-source';
import type { EventFeed } from '../event-feed.js';
import { FeedNews } from './feed-news.js';
import { TopicMerge } from './topic-merge.js';

/** Silence of a partition after which the log is read instead of the topic. */
export const topicSilentMs = 1_000;
/** Interval at which the log is read while the topic is silent, and at which the silence is checked. */
export const logPollMs = 200;
/** Pause after a failure to join the bus. */
export const followRetryMs = 1_000;
/** The most events per batch. */
const sourceBatchEventsMax = 1_000;

type TopicEventSourceParts = {
  readonly bus: Pick<MessageBus, 'follow'>;
  readonly topic: string;
  /** The topic of watermarks. */
  readonly watermarks: string;
  readonly partitions: number;
  readonly logId: LogId;
  /** The log itself, for events before those read from the topic, and while the topic is silent. */
  readonly log: Pick<EventFeed, 'read'>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Called for each failure that is retried. Must not throw. */
  readonly onRetryableError: (cause: unknown) => void;
  /** Called when reading changes between topic and log. Must not throw. */
  readonly onReading?: (from: 'topic' | 'log') => void;
};

/**
 * The log, read through all partitions of its topic and in the order of the log. While the topic is silent, the log
 * itself is read, so that a reader is cut off only if both are unavailable.
 */
export class TopicEventSource implements EventSource {
  #seenAllAtMs: EpochMs | undefined;
  #subscribed = false;

  constructor(private readonly parts: TopicEventSourceParts) {}

  seenAllAtMs(): EpochMs | undefined {
    return this.#seenAllAtMs;
  }

  /**
   * Subscribes; one reader at a time. A heartbeat refers to the moment `seenAllAtMs`, which may be some time ago.
   * @throws Failure `feed_gap`, `topic_of_other_log`, `feed_record_malformed`, and those of the catalogue: a reader
   * stops at such an event and never skips it
   */
  async *subscribe(from: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEnvelope[]> {
    invariant(!this.#subscribed, 'a topic event source has one reader at a time');
    this.#subscribed = true;
    this.#seenAllAtMs = undefined;
    const ending = new AbortController();
    const both = AbortSignal.any([signal, ending.signal]);
    const reading = new TopicReading(this.parts, from, both);
    try {
      yield* this.#read(reading, both);
    } finally {
      ending.abort();
      this.#subscribed = false;
      await reading.left();
    }
  }

  async *#read(reading: TopicReading, signal: AbortSignal): AsyncIterable<readonly RecordedEnvelope[]> {
    const { onReading } = this.parts;
    let readingFrom: 'topic' | 'log' | undefined;
    while (!signal.aborted) {
      const source = reading.isLive() ? 'topic' : 'log';
      if (source !== readingFrom) onReading?.(source);
      readingFrom = source;
      if (source === 'topic') yield* this.#readTopic(reading);
      else yield* this.#readLog(reading, signal);
    }
  }

  async *#readTopic(reading: TopicReading): AsyncIterable<readonly RecordedEnvelope[]> {
    const { merge } = reading;
    const events = merge.ready(sourceBatchEventsMax);
    if (events.length > 0) {
      const decoded = decodeWhole(events);
      merge.passTo(position(merge.next + decoded.length));
      yield decoded;
      return;
    }
    const seenAllAtMs = merge.seenAllAtMs;
    if (seenAllAtMs !== undefined && seenAllAtMs !== this.#seenAllAtMs) {
      this.#seenAllAtMs = seenAllAtMs;
      yield [];
      return;
    }
    await reading.news(logPollMs);
  }

  async *#readLog(reading: TopicReading, signal: AbortSignal): AsyncIterable<readonly RecordedEnvelope[]> {
    const { clock, log, onRetryableError } = this.parts;
    const { merge } = reading;
    const askedAtMs = clock.now();
    const events = await log.read(merge.next, sourceBatchEventsMax).catch((failure: unknown) => {
      if (!isRetryable(failure)) throw failure;
      onRetryableError(failure);
      return null;
    });
    const last = events?.at(-1);
    if (events !== null && last !== undefined) {
      merge.passTo(position(last.position + 1));
      yield events;
      return;
    }
    if (events !== null) {
      this.#seenAllAtMs = askedAtMs;
      yield [];
    }
    // A topic that delivers again is noticed at the next check; there is no hurry to leave the log.
    await pause(this.parts.timers, logPollMs, signal);
  }
}

/** Follows the topic in the background until `signal` aborts, across failures of the bus. */
class TopicReading {
  readonly merge: TopicMerge;
  readonly #following: Promise<void>;
  #membership: Membership | undefined;
  readonly #news: FeedNews;

  constructor(
    private readonly parts: TopicEventSourceParts,
    from: Position,
    private readonly signal: AbortSignal,
  ) {
    this.merge = new TopicMerge(parts, from);
    this.#news = new FeedNews(parts.timers);
    this.#following = this.#follow();
  }

  /**
   * Says whether the topic can be read at the moment.
   * @throws the failure that stopped the reader
   */
  isLive(): boolean {
    this.#news.check();
    return this.merge.covers && Math.abs(this.parts.clock.now() - this.merge.lastRecordAtMs) <= topicSilentMs;
  }

  /** Settles when the topic has delivered records since the last call, at the latest after `timeoutMs`. */
  async news(timeoutMs: number): Promise<void> {
    await this.#news.wait(timeoutMs, this.signal);
  }

  /** Settles when the membership is left; does not wait for a bus that has not accepted us yet. */
  async left(): Promise<void> {
    if (this.#membership !== undefined) await this.#following;
  }

  async #follow(): Promise<void> {
    const { bus, topic, watermarks, partitions, onRetryableError, timers } = this.parts;
    const source = { topic: watermarks, pause: (ending: AbortSignal) => pause(timers, followRetryMs, ending) };
    const from = new Map<number, ReadFrom>(Array.from({ length: partitions }, (_, partition) => [partition, 'next']));
    while (!this.signal.aborted && this.#membership === undefined) {
      try {
        const onMessages = (partition: number, batch: readonly BusMessage[]) => {
          this.#news.take(() => {
            this.merge.take(partition, batch, this.parts.clock.now());
          });
          return Promise.resolve();
        };
        // Reading begins at the end of every partition.
        this.#membership = await followWatermarked(
          bus,
          { topic, from, onMessages, onRetryableError },
          source,
          () => true,
        );
      } catch (failure) {
        onRetryableError(failure);
        await pause(timers, followRetryMs, this.signal);
      }
    }
    await aborted(this.signal);
    await this.#membership?.leave().catch(onRetryableError);
  }
}

/** Decodes events up to the first unreadable one; throws its failure if there are none before it. */
function decodeWhole(events: readonly RecordedEvent[]): readonly RecordedEnvelope[] {
  const decoded: RecordedEnvelope[] = [];
  for (const event of events) {
    try {
      decoded.push(decodeRecorded(event));
    } catch (failure) {
      if (decoded.length > 0) return decoded;
      throw failure;
    }
  }
  return decoded;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
    if (signal.aborted) resolve();
  });
}
