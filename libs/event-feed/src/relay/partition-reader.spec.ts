import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import type { LogId } from '@ringfence/kernel/ids';
import { type Epoch, laneOf } from '@ringfence/kernel/lane';
import { epochMs, position } from '@ringfence/kernel/units';
import type { BusMessage, OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import fc from 'fast-check';
import { emptyChain } from '@ringfence/wire/feed/feed-chain';
import { readFeedRecord } from '@ringfence/wire/feed/feed-record';
import { PartitionReader } from '@ringfence/wire/feed/partition-reader';
import { partitionWatermarks } from '@ringfence/testing/partition-watermarks';
import { type Publication, publishEvents } from './publication.js';

const topic = 'ringfence.events';
const partitions = 4;
const partition = 1;
const log = new MemoryLog();
let logId: LogId;
/** The partition's events, as one relay publishes them. */
let published: readonly BusMessage[];
let positions: readonly number[];
let held: Publication;

beforeAll(async () => {
  await new GeneratedHistory().appendTo(new MemoryEventStore(log, new FakeClock()), 400);
  const [first] = log.events;
  if (first === undefined) throw new Error('the log is empty');
  logId = decodeEvent(first.bytes).logId;
  published = asOf(1);
  positions = log.events.filter(({ stream }) => laneOf(stream, partitions) === partition).map((each) => each.position);
});

/** @param epoch of the relay that publishes */
function asOf(epoch: number): readonly BusMessage[] {
  const begin = { next: position(0), ends: Array.from({ length: partitions }, () => emptyChain) };
  const { messages, after } = publishEvents({ topic, logId, epoch: epoch as Epoch }, begin, log.events);
  held = after;
  return read(messages);
}

function watermark(epoch: number, head: number): BusMessage {
  const at = { ...held, next: position(head) };
  const [message] = read(partitionWatermarks({ topic, logId, epoch: epoch as Epoch }, at, epochMs(5_000)));
  if (message === undefined) throw new Error('there is no such partition');
  return message;
}

function read(messages: readonly OutgoingMessage[]): readonly BusMessage[] {
  return messages
    .filter((message) => message.partition === partition)
    .map((message, at) => ({ ...message, partition, offset: BigInt(at) }));
}

function at(index: number): BusMessage {
  const message = published[index];
  if (message === undefined) throw new Error('so many are not published');
  return message;
}

const begun = (through: number | null = null) =>
  new PartitionReader({ partition, partitions, logId }, through === null ? null : position(through));

function taken(reader: PartitionReader, messages: readonly BusMessage[]): readonly number[] {
  return messages.flatMap((message) => {
    const record = reader.take(message);
    return record?.kind === 'event' ? [record.link.position] : [];
  });
}

describe('the reader of a partition', () => {
  it('reads every event once, however often and by whichever relay it was published', () => {
    const again = fc.record({ from: fc.nat(), count: fc.nat(30), newer: fc.boolean() });
    fc.assert(
      fc.property(fc.array(again, { maxLength: 6 }), (repeats) => {
        const messages: BusMessage[] = [];
        let next = 0;
        let epoch = 1;
        for (const { from, count, newer } of repeats) {
          // A new relay finds all there is; one that is not sure publishes its last batch again.
          epoch += newer ? 1 : 0;
          const begin = newer ? next : Math.min(next, from % (next + 1));
          messages.push(...asOf(epoch).slice(begin, begin + count));
          next = Math.max(next, Math.min(published.length, begin + count));
        }
        messages.push(...asOf(epoch + 1).slice(next));
        expect(taken(begun(), messages)).toEqual(positions);
      }),
      { numRuns: 40 },
    );
  });

  it('begins in the middle: before everything it has not seen, or with what comes first', () => {
    expect(taken(begun(positions[10]), published)).toEqual(positions.slice(10));
    const reader = begun();
    expect(reader.through).toBeNull();
    expect(taken(reader, published.slice(20))).toEqual(positions.slice(20));
  });

  it('stops at a gap, and says where', () => {
    const reader = begun();
    taken(reader, published.slice(0, 5));
    expect(() => reader.take(at(6))).toThrow(
      expect.objectContaining({
        code: 'feed_gap',
        message: expect.stringMatching(/partition 1, offset 6: it follows evt_/),
      }),
    );
    expect(() => begun(positions[3]).take(at(5))).toThrow(expect.objectContaining({ code: 'feed_gap' }));
    expect(taken(reader, published.slice(5))).toEqual(positions.slice(5));
  });

  it('sees from a watermark alone that something is missing', () => {
    const reader = begun();
    taken(reader, published.slice(0, -1));
    expect(() => reader.take(watermark(1, 400))).toThrow(expect.objectContaining({ code: 'feed_gap' }));
    taken(reader, published.slice(-1));
    expect(reader.take(watermark(1, 400))).toMatchObject({ kind: 'watermark', head: 400, timeMs: 5_000 });
    expect(reader.through).toBe(400);
  });

  it('does not go back for a watermark that comes late', () => {
    const reader = begun();
    taken(reader, published);
    reader.take(watermark(1, 450));
    expect(reader.take(watermark(2, 420))).toBeNull();
    expect(reader.through).toBe(450);
  });

  it('drops what an older relay had on the way when a newer one had begun', () => {
    const reader = begun();
    taken(reader, asOf(1).slice(0, 5));
    taken(reader, asOf(3).slice(5, 6));
    expect(taken(reader, asOf(2).slice(6, 9))).toEqual([]);
    expect(reader.take(watermark(2, 900))).toBeNull();
    expect(taken(reader, asOf(3).slice(6))).toEqual(positions.slice(6));
  });

  it('stops at an event that follows another one than it has seen at that position', () => {
    const reader = begun();
    taken(reader, published.slice(0, 5));
    const { headers } = at(5);
    const other = { ...headers, ce_prevevent: 'evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' };
    expect(() => reader.take({ ...at(5), headers: other })).toThrow(expect.objectContaining({ code: 'feed_gap' }));
  });

  it('stops at what is of another log, or does not belong to the partition', () => {
    const foreign = { ...at(0).headers, ce_logid: 'log_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' };
    expect(() => begun().take({ ...at(0), headers: foreign })).toThrow(
      expect.objectContaining({ code: 'topic_of_other_log' }),
    );
    const reader = new PartitionReader({ partition, partitions: 64, logId }, null);
    expect(() => {
      for (const message of published) reader.take(message);
    }).toThrow(expect.objectContaining({ code: 'feed_record_malformed' }));
  });

  it('names the header of a record that is malformed', () => {
    const change = (changes: Record<string, string>, value = at(3).value) => ({
      ...at(3),
      headers: { ...at(3).headers, ...changes },
      value,
    });
    const broken: readonly [BusMessage, RegExp][] = [
      [{ ...at(3), headers: {} }, /content-type must be/],
      [change({ ce_position: '-1' }), /position must be a whole number/],
      [change({ ce_position: '007' }), /position must be a whole number/],
      [change({ ce_position: '9999999999999999' }), /position must be a whole number/],
      [change({ ce_position: '0' }), /what it follows has a later position/],
      [change({ ce_prevevent: 'x' }), /prevposition and prevevent/],
      [change({ ce_relayepoch: '' }), /relayepoch/],
      [change({ ce_logid: 'x' }), /logid/],
      [change({ ce_stream: 'x' }), /stream must be/],
      [change({ ce_streamversion: 'x' }), /streamversion/],
      [change({ ce_id: 'x' }), /ce_id/],
      [change({ ce_type: 'ringfence.feed.watermark.v1' }), /a watermark holds its head/],
    ];
    for (const [message, reason] of broken) {
      expect(() => readFeedRecord(message)).toThrow(
        expect.objectContaining({ code: 'feed_record_malformed', message: expect.stringMatching(reason) }),
      );
    }
  });
});
