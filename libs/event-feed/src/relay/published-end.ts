import { identityOf } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { LogId } from '@ringfence/kernel/ids';
import { type Epoch, laneOf } from '@ringfence/kernel/lane';
import { position } from '@ringfence/kernel/units';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus, PartitionRange, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import { type FeedChainHead, emptyChain } from '@ringfence/wire/feed/feed-chain';
import { type FeedRecord, readFeedRecord } from '@ringfence/wire/feed/feed-record';
import { readWatermarks, type Watermarks } from '@ringfence/wire/feed/watermarks';
import { unlessAborted } from '@ringfence/runtime/unless-aborted';
import { feedFailures } from '@ringfence/wire/feed/feed-failures';
import type { Publication } from './publication.js';
import { relayFailures } from '@ringfence/ports/leases/relay-failures';

/** `epochMax`: of the writer of the last records; 0: there are none. */
type PublishedEnd = { readonly publication: Publication; readonly epochMax: Epoch };

type TailReading = {
  readonly bus: Pick<MessageBus, 'ranges' | 'follow'>;
  readonly topic: string;
  /** The topic of watermarks; null: watermarks are in the topic itself. */
  readonly watermarks: string | null;
  readonly partitions: number;
  readonly logId: LogId;
  /** Epoch of the caller, who is going to write: one above that of the previous owner. */
  readonly epoch: Epoch;
  /** Acknowledged records of the caller itself; null: none yet. */
  readonly own: OwnPublication | null;
  readonly onRetryableError: (cause: unknown) => void;
};

/** Records published under one epoch and acknowledged: the end of each partition. */
export type OwnPublication = { readonly epoch: Epoch; readonly ends: readonly FeedChainHead[] };

/**
 * Number of records of a partition that are examined when its last one may be a late one: as many as four owners of the
 * lease could have added after the last valid one, each with its largest batch in flight to this one partition.
 */
const lookBackRecordsMax = 4_096n;

/**
 * Finds where the topic ends for its readers. Usually a partition's last record is enough: everything in the log below
 * its position is in the topic; for idle partitions the last watermarks reach further. The exception is a record with a
 * lower epoch than one before it: a replaced owner published it late, readers drop it, and its event has to be
 * published again. The last record is certain if it was written by us or by the owner just before us; otherwise it may
 * be late, and earlier records are examined too.
 * @throws Failure `topic_of_other_log`, `feed_record_malformed`, `bus_unavailable` (retryable)
 */
export async function readTail(reading: TailReading, signal: AbortSignal): Promise<PublishedEnd> {
  const { own, epoch } = reading;
  const ranges = await heldBy(reading, signal);
  const feed = { ...reading, read: readFeedRecord };
  const records = [...(await newestRecords(feed, ranges, 1n, signal))];
  if (own === null) {
    const unsure = ranges.map((range, partition) => {
      const record = records[partition];
      const isSure = record === undefined || record.epoch === epoch || record.epoch === epoch - 1;
      return isSure ? nothingHeld : range;
    });
    for (const [partition, record] of (await newestRecords(feed, unsure, lookBackRecordsMax, signal)).entries())
      if (record !== undefined) records[partition] = record;
  }
  const published = await lastWatermarks(reading, signal);
  const ends = records.map((record, partition) => {
    const isLate = own !== null && record !== undefined && record.epoch < own.epoch;
    const end = isLate ? (own.ends[partition] ?? emptyChain) : endOf(record);
    return published === null ? end : furtherBy(published, partition, end, ranges[partition] ?? nothingHeld);
  });
  const next = position(Math.min(...ends.map(({ through }) => through)));
  const epochs = [...records, published].map((each) => each?.epoch ?? 0);
  return { publication: { next, ends }, epochMax: Math.max(0, ...epochs) as Epoch };
}

/**
 * Detects a log that was restored to an earlier moment: it ends before its topic does, or has diverged from it.
 * @throws Failure `log_behind_topic`, `event_store_unavailable` (retryable)
 */
export async function checkAgainstLog(
  store: Pick<EventStore, 'head' | 'readAll'>,
  topic: string,
  { ends }: Publication,
): Promise<void> {
  const head = await store.head();
  for (const [partition, { through, last }] of ends.entries()) {
    if (through > head)
      throw relayFailures.log_behind_topic(
        topic,
        partition,
        `goes up to position ${String(through)}, and the log's head is ${String(head)}`,
      );
    if (last === null) continue;
    const [event] = await store.readAll(last.position, 1);
    if (
      event === undefined ||
      identityOf(event.bytes).id !== last.id ||
      laneOf(event.stream, ends.length) !== partition
    )
      throw relayFailures.log_behind_topic(
        topic,
        partition,
        `has the event ${last.id} at position ${String(last.position)}, and the log has another one there`,
      );
  }
}

function endOf(record: FeedRecord | undefined): FeedChainHead {
  if (record === undefined) return emptyChain;
  if (record.kind === 'watermark') return { through: record.head, last: record.previous };
  return { through: position(record.link.position + 1), last: record.link };
}

/**
 * Extends the end of a partition to the head of the last watermarks, if it holds the event that was its last one then.
 */
function furtherBy(
  { head, ends }: Watermarks,
  partition: number,
  end: FeedChainHead,
  range: PartitionRange,
): FeedChainHead {
  const last = ends[partition] ?? null;
  if (end.through >= head) return end;
  // The records have expired; a partition that never had any belongs to a recreated topic.
  const isGone = range.first === range.next && range.next > 0n;
  if (isGone || last === null) return { through: head, last: last ?? end.last };
  return last.position < end.through ? { through: head, last: end.last } : end;
}

/** Reads the last watermarks of all partitions; null: there are none. */
async function lastWatermarks(reading: TailReading, signal: AbortSignal): Promise<Watermarks | null> {
  const { bus, watermarks: topic } = reading;
  if (topic === null) return null;
  const ranges = await unlessAborted(bus.ranges(topic), signal);
  const [last] = await newestRecords({ ...reading, topic, read: readWatermarks }, ranges, 1n, signal);
  return last ?? null;
}

const nothingHeld: PartitionRange = { first: 0n, next: 0n };

async function heldBy(
  { bus, topic, partitions }: TailReading,
  signal: AbortSignal,
): Promise<readonly PartitionRange[]> {
  const ranges = await unlessAborted(bus.ranges(topic), signal);
  if (ranges.length === partitions) return ranges;
  throw busFailures.bus_unavailable(new Error(`${topic} reported ${String(ranges.length)} partitions`));
}

/**
 * Finds, among the last `count` records of each partition, the last one of the highest epoch; undefined: there is none.
 */
async function newestRecords<Record extends Pick<FeedRecord, 'logId' | 'epoch'>>(
  { bus, topic, logId, onRetryableError, read }: TailReading & { readonly read: (message: BusMessage) => Record },
  ranges: readonly PartitionRange[],
  count: bigint,
  signal: AbortSignal,
): Promise<readonly (Record | undefined)[]> {
  const found: (Record | undefined)[] = ranges.map(() => undefined);
  const from = new Map<number, ReadFrom>(
    ranges.flatMap(({ first, next }, partition) =>
      next > first ? [[partition, next - first > count ? next - count : first]] : [],
    ),
  );
  const missing = new Set(from.keys());
  if (missing.size === 0) return found;
  let [allFound, failed]: [() => void, (failure: Error) => void] = [() => undefined, () => undefined];
  const complete = new Promise<void>((resolve, reject) => {
    [allFound, failed] = [resolve, reject];
  });
  // It may fail before it is awaited.
  complete.catch(() => undefined);
  const take = (partition: number, { next }: PartitionRange, message: BusMessage): void => {
    if (!missing.has(partition)) return;
    const record = read(message);
    if (record.logId !== logId) throw feedFailures.topic_of_other_log(topic, partition, record.logId);
    if (record.epoch >= (found[partition]?.epoch ?? 0)) found[partition] = record;
    if (message.offset >= next - 1n) missing.delete(partition);
  };
  const following = bus.follow({
    topic,
    from,
    onMessages: (partition, batch) => {
      try {
        for (const message of batch) take(partition, ranges[partition] ?? nothingHeld, message);
        if (missing.size === 0) allFound();
      } catch (failure) {
        failed(failure instanceof Error ? failure : new Error(String(failure)));
      }
      return Promise.resolve();
    },
    onRetryableError,
  });
  const membership = await unlessAborted(following, signal).catch((failure: unknown) => {
    // A reader accepted after that would otherwise read the topic until the process ends.
    following.then((late) => late.leave()).catch(onRetryableError);
    throw failure;
  });
  try {
    await unlessAborted(complete, signal);
  } finally {
    await membership.leave();
  }
  return found;
}
