import { hashOf } from '@ringfence/event-catalog/hash';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { laneOf } from '@ringfence/kernel/lane';
import { readFeedRecord } from '@ringfence/wire/feed/feed-record';
import type { BusMessage } from '@ringfence/ports/message-bus/message';

/** A record in a partition of the topic of events, in its order. `epoch`: of the relay that wrote it. */
export type TopicRecord = { readonly partition: number; readonly epoch: number; readonly previous: number | null } & (
  | { readonly kind: 'event'; readonly position: number; readonly key: string; readonly hash: string }
  | { readonly kind: 'watermark'; readonly head: number }
);

/** @throws Failure `feed_record_malformed` */
export function topicRecordOf(message: BusMessage): TopicRecord {
  const record = readFeedRecord(message);
  const { partition, key } = message;
  const framed = { partition, epoch: record.epoch, previous: record.previous?.position ?? null };
  if (record.kind === 'watermark') return { ...framed, kind: 'watermark', head: record.head };
  const { position, bytes } = record.event;
  return { ...framed, kind: 'event', position, key, hash: hashOf(bytes) };
}

type TopicEvidence = {
  readonly recorded: readonly RecordedEvent[];
  readonly topic: readonly TopicRecord[];
  readonly laneCount: number;
};

type Expected = { readonly position: number; readonly stream: string; readonly hash: string };

/**
 * Checks that each partition of the topic has all its events in the log's order. Duplicates are allowed; gaps are not,
 * even if only the records count that readers accept: they drop what a replaced relay publishes after its successor.
 */
export function topicIsWhole({ recorded, topic, laneCount }: TopicEvidence): readonly string[] {
  const expected = Array.from({ length: laneCount }, (): Expected[] => []);
  for (const { position, stream, bytes } of recorded)
    expected[laneOf(stream, laneCount)]?.push({ position, stream, hash: hashOf(bytes) });
  return expected.flatMap((events, partition) => {
    const records = topic.filter((record) => record.partition === partition);
    const whole = new PartitionRule(partition, events);
    return [...records.flatMap((record) => whole.take(record)), ...whole.end()];
  });
}

class PartitionRule {
  readonly #places: ReadonlyMap<number, number>;
  /** Number of events so far. */
  #reached = 0;
  #epoch = 0;

  constructor(
    private readonly partition: number,
    private readonly events: readonly Expected[],
  ) {
    this.#places = new Map(events.map(({ position }, at) => [position, at]));
  }

  take(record: TopicRecord): readonly string[] {
    if (record.epoch < this.#epoch) return [];
    this.#epoch = record.epoch;
    return record.kind === 'watermark' ? this.#watermark(record.head) : this.#event(record);
  }

  end(): readonly string[] {
    const missing = this.events[this.#reached];
    return missing === undefined ? [] : [`${this.#name} ends before ${String(missing.position)}`];
  }

  #watermark(head: number): readonly string[] {
    const lacking = this.events[this.#reached];
    if (lacking === undefined || lacking.position >= head) return [];
    return [`${this.#name} says that it is at ${String(head)} and lacks ${String(lacking.position)}`];
  }

  #event({ position, hash, key, previous }: Extract<TopicRecord, { readonly kind: 'event' }>): readonly string[] {
    const place = this.#places.get(position);
    const event = place === undefined ? undefined : this.events[place];
    const name = `position ${String(position)} in ${this.#name}`;
    if (place === undefined || event === undefined) return [`${name} is nothing that belongs there`];
    const faults: string[] = [];
    if (event.hash !== hash) faults.push(`${name} has other bytes than in the log`);
    if (event.stream !== key) faults.push(`${name} has the key ${key} and not ${event.stream}`);
    if ((this.events[place - 1]?.position ?? null) !== previous)
      faults.push(`${name} says that it follows ${String(previous)}`);
    if (place > this.#reached)
      faults.push(`${name} comes where ${String(this.events[this.#reached]?.position)} is missing`);
    this.#reached = Math.max(this.#reached, place + 1);
    return faults;
  }

  get #name(): string {
    return `partition ${String(this.partition)}`;
  }
}
