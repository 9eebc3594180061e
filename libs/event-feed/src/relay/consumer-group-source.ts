import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { identityOf } from '@ringfence/event-catalog/event-codec';
import type { EventStore, RecordedEvent } from '@ringfence/ports/log/event-store';
import { isAborted } from '@ringfence/kernel/aborted';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { LogId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { pause, type Timers } from '@ringfence/kernel/timers';
import { type Position, position } from '@ringfence/kernel/units';
import { joinWatermarked } from '@ringfence/wire/feed/watermarked';
import type { Joining, Membership, MessageBus, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import type { FeedKind } from '@ringfence/projections/projection-metrics';
import {
  type PartitionReading,
  type PartitionSource,
  type PartitionSpan,
  spanEventsMax,
  type StartsOf,
} from '@ringfence/projections/partition-source';
import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import { DecodedEvents } from './decoded-events.js';
import { FeedNews } from './feed-news.js';
import { PartitionBuffer } from './partition-buffer.js';
import { feedFailures } from '@ringfence/wire/feed/feed-failures';
import { followRetryMs, logPollMs, topicSilentMs } from './topic-event-source.js';

type GroupSourceParts = {
  readonly bus: Pick<MessageBus, 'join' | 'follow' | 'ranges'>;
  readonly topic: string;
  /** The topic of watermarks. */
  readonly watermarks: string;
  /** Number of partitions of the topic: the log's number of lanes. */
  readonly partitions: number;
  readonly logId: LogId;
  /** The log, for events before those read from the topic, for records missing there, and while the topic is silent. */
  readonly log: Pick<EventStore, 'readAll'>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Called for each failure that is retried. Must not throw. */
  readonly onRetryableError: (cause: unknown) => void;
  /** Called when the feed of a projection's partitions changes between topic and log. Must not throw. */
  readonly onFed?: (projection: string, partitions: FeedKind) => void;
};

/**
 * The partitions of the topic of events, shared by a consumer group per projection and version. A projection that has
 * stopped or is being rebuilt in this process leaves its partitions to the others; rows of another release have their
 * own group. Reading begins at the projection's own positions; no offsets are kept at the broker.
 */
export class ConsumerGroupSource implements PartitionSource {
  readonly partitions: number;
  readonly #decoded = new DecodedEvents();

  constructor(private readonly parts: GroupSourceParts) {
    this.partitions = parts.partitions;
  }

  open(projection: RunnableProjection, startsOf: StartsOf): PartitionReading {
    return new GroupReading(this.parts, projection, startsOf, this.#decoded);
  }
}

class GroupReading implements PartitionReading {
  readonly #owned = new Map<number, PartitionBuffer>();
  /** Position up to which each of our partitions has been handed over; a missing one is found by `startsOf`. */
  readonly #cursors = new Map<number, Position>();
  readonly #ending = new AbortController();
  readonly #joined: Promise<void>;
  #membership: Membership | undefined;
  readonly #news: FeedNews;
  /** Moment of the monotonic clock before which the log is not looked at again. */
  #nextLookMs = Number.NEGATIVE_INFINITY;
  #reportedFed: FeedKind = { topic: 0, log: 0 };
  /** Index of the first partition of the next round; rotates, so that none starves while all are behind. */
  #turn = 0;

  constructor(
    private readonly parts: GroupSourceParts,
    private readonly projection: RunnableProjection,
    private readonly startsOf: StartsOf,
    private readonly decoded: DecodedEvents,
  ) {
    this.#news = new FeedNews(parts.timers);
    this.#joined = this.#join();
  }

  async next(signal: AbortSignal): Promise<readonly PartitionSpan[]> {
    while (!signal.aborted) {
      this.#news.check();
      await this.#learnStarts();
      await this.#confirm();
      const spans = await this.#fromLog();
      spans.push(...this.#fromTopic(spans));
      if (spans.length > 0) return this.#handOver(spans);
      if (!(await this.#news.wait(logPollMs, signal))) return [];
    }
    return [];
  }

  startOver(): void {
    this.#cursors.clear();
    this.#nextLookMs = Number.NEGATIVE_INFINITY;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#membership?.leave().catch(this.parts.onRetryableError);
    // Does not wait for a bus that has not accepted us yet: the membership is left as soon as it begins.
    if (this.#membership !== undefined) await this.#joined;
    this.parts.onFed?.(this.projection.name, { topic: 0, log: 0 });
  }

  async #join(): Promise<void> {
    const { bus, topic, watermarks, onRetryableError, timers } = this.parts;
    const source = { topic: watermarks, pause: (ending: AbortSignal) => pause(timers, followRetryMs, ending) };
    const { signal } = this.#ending;
    const { name, version } = this.projection;
    while (!signal.aborted && this.#membership === undefined) {
      try {
        const joining: Joining = {
          topic,
          group: `${topic}.${name}.v${String(version)}`,
          onAssigned: (partitions) => Promise.resolve(this.#assigned(partitions)),
          onMessages: (partition, batch) => {
            this.#news.take(() => this.#owned.get(partition)?.take(batch, this.parts.timers.monotonicMs()));
            return Promise.resolve();
          },
          onRevoked: (partitions) => {
            for (const partition of partitions) {
              this.#owned.delete(partition);
              this.#cursors.delete(partition);
            }
            this.#news.notify();
            return Promise.resolve();
          },
          onRetryableError,
        };
        const membership = await joinWatermarked(bus, joining, source);
        this.#membership = membership;
        if (isAborted(signal)) await membership.leave();
      } catch (failure) {
        onRetryableError(failure);
        await pause(timers, followRetryMs, signal);
      }
    }
  }

  /**
   * Starts at the topic's next records. Earlier ones are read from the log, for all of our partitions together.
   */
  #assigned(partitions: readonly number[]): ReadonlyMap<number, ReadFrom> {
    const { logId, partitions: count } = this.parts;
    for (const partition of partitions) {
      this.#cursors.delete(partition);
      this.#owned.set(partition, new PartitionBuffer({ partition, partitions: count, logId }));
    }
    this.#nextLookMs = Number.NEGATIVE_INFINITY;
    this.#news.notify();
    return new Map(partitions.map((partition) => [partition, 'next']));
  }

  async #learnStarts(): Promise<void> {
    const unknown = [...this.#owned.keys()].filter((partition) => !this.#cursors.has(partition));
    if (unknown.length === 0) return;
    for (const [partition, start] of await this.startsOf(unknown))
      if (this.#owned.has(partition)) this.#cursors.set(partition, start);
  }

  /** Checks, after missing records, that the topic continues the history in the log. */
  async #confirm(): Promise<void> {
    const { log, topic } = this.parts;
    for (const [partition, owned] of this.#owned) {
      if (owned.resumption === null) continue;
      const { follows, offset } = owned.resumption;
      const [event] = await log.readAll(follows.position, 1);
      if (event === undefined || identityOf(event.bytes).id !== follows.id)
        throw feedFailures.feed_gap(
          topic,
          partition,
          offset,
          `it follows ${follows.id} at position ${String(follows.position)}, and the log has another event there`,
        );
      owned.confirmed();
    }
  }

  /** Reads one page for all of our partitions that the topic does not complete. */
  async #fromLog(): Promise<PartitionSpan[]> {
    const { log, timers, partitions: count } = this.parts;
    const nowMs = timers.monotonicMs();
    const behind = [...this.#cursors].filter(([partition, from]) => {
      const owned = this.#owned.get(partition);
      return owned !== undefined && !(owned.covers(from) && nowMs - owned.lastRecordAtMs <= topicSilentMs);
    });
    this.#reportFed(behind.length);
    if (behind.length === 0 || timers.monotonicMs() < this.#nextLookMs) return [];
    const page = await log.readAll(position(Math.min(...behind.map(([, from]) => from))), spanEventsMax);
    if (page.length < spanEventsMax) this.#nextLookMs = timers.monotonicMs() + logPollMs;
    const last = page.at(-1);
    if (last === undefined) return [];
    const to = position(last.position + 1);
    return behind.flatMap(([partition, from]) => {
      // A partition that was reassigned while the log was read is left out.
      if (this.#cursors.get(partition) !== from) return [];
      const events = page.filter((event) => event.position >= from && laneOf(event.stream, count) === partition);
      return this.#spanOf(partition, from, to, events) ?? [];
    });
  }

  #fromTopic(found: readonly PartitionSpan[]): readonly PartitionSpan[] {
    const spans: PartitionSpan[] = [];
    const taken = new Set(found.map(({ partition }) => partition));
    let room = spanEventsMax - found.reduce((sum, { events }) => sum + events.length, 0);
    const ours = [...this.#cursors];
    this.#turn = (this.#turn + 1) % Math.max(1, ours.length);
    for (const [partition, from] of [...ours.slice(this.#turn), ...ours.slice(0, this.#turn)]) {
      const owned = this.#owned.get(partition);
      if (taken.has(partition) || owned?.covers(from) !== true || room <= 0) continue;
      const { events, to } = owned.after(from, room);
      const span = this.#spanOf(partition, from, to, events);
      if (span === null) continue;
      room -= span.events.length;
      spans.push(span);
    }
    return spans;
  }

  /**
   * Takes as many events as can be decoded; null: nothing new.
   * @throws Failure of the catalogue, if the first cannot be decoded
   */
  #spanOf(partition: number, from: Position, to: Position, events: readonly RecordedEvent[]): PartitionSpan | null {
    if (to <= from) return null;
    const decoded: RecordedEnvelope[] = [];
    for (const event of events) {
      try {
        decoded.push(this.decoded.decode(event));
      } catch (failure) {
        if (event.position === from || !(failure instanceof Failure)) throw failure;
        return { partition, from, to: event.position, events: decoded };
      }
    }
    return { partition, from, to, events: decoded };
  }

  #handOver(spans: readonly PartitionSpan[]): readonly PartitionSpan[] {
    for (const { partition, to } of spans) this.#cursors.set(partition, to);
    return spans;
  }

  #reportFed(log: number): void {
    const fed = { topic: this.#cursors.size - log, log };
    if (fed.topic === this.#reportedFed.topic && fed.log === this.#reportedFed.log) return;
    this.#reportedFed = fed;
    this.parts.onFed?.(this.projection.name, fed);
  }
}
