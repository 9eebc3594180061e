import { describe, expect, it } from '@jest/globals';
import type { AppendBatch } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import { position, streamVersion } from '@ringfence/kernel/units';
import { LocalAppendCache, tailEventsMax } from './local-append-cache.js';

const stream = 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAV' as StreamId;

/** A batch of `count` events after version `after`. */
function batch(after: number, count: number): AppendBatch {
  const events = Array.from({ length: count }, (_, at) => ({
    type: 'ringfence.call.placed.v1',
    subject: 'cs_x',
    bytes: Buffer.from(String(after + at + 1)),
  }));
  const appends = [{ stream, expectedVersion: streamVersion(after), events, nextDueMs: null }];
  return { appends, unchanged: [], outcomes: [], fences: [] };
}

const positions = (tail: LocalAppendCache, from: number, limit = 10) =>
  tail.read(position(from), limit).map((event) => event.position);

describe('the tail of what this process wrote', () => {
  it('hands out what came one after the other, from anywhere in it', () => {
    const tail = new LocalAppendCache();
    tail.committed(batch(0, 2), position(5));
    tail.committed(batch(2, 2), position(7));
    expect(positions(tail, 5)).toEqual([5, 6, 7, 8]);
    expect(positions(tail, 6, 2)).toEqual([6, 7]);
    expect(tail.read(position(8), 10)).toMatchObject([{ stream, version: 4, subject: 'cs_x' }]);
  });

  it('has nothing of what is before or after it', () => {
    const tail = new LocalAppendCache();
    tail.committed(batch(0, 2), position(5));
    expect(positions(tail, 4)).toEqual([]);
    expect(positions(tail, 7)).toEqual([]);
  });

  it('starts over when another process has written in between', () => {
    const tail = new LocalAppendCache();
    tail.committed(batch(0, 2), position(5));
    tail.committed(batch(2, 1), position(9));
    expect(positions(tail, 5)).toEqual([]);
    expect(positions(tail, 9)).toEqual([9]);
  });

  it('leaves a batch that is announced late to the database', () => {
    const tail = new LocalAppendCache();
    tail.committed(batch(2, 2), position(7));
    tail.committed(batch(0, 2), position(5));
    expect(positions(tail, 5)).toEqual([]);
    expect(positions(tail, 7)).toEqual([7, 8]);
  });

  it('stays within its bound, and keeps the latest', () => {
    const tail = new LocalAppendCache();
    for (let at = 0; at < 3 * tailEventsMax; at += 1_000) tail.committed(batch(at, 1_000), position(at));
    const { end } = tail;
    expect(positions(tail, 0)).toEqual([]);
    expect(tail.read(position(end - tailEventsMax), 2 * tailEventsMax)).toHaveLength(tailEventsMax);
  });
});
