import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { crc32c, createRecordsBatch } from '@platformatic/kafka';
import { behind, isMessage } from '@ringfence/ports/message-bus/message';
import { itemsIn } from './partition-items.js';
import { decodedBytesMax } from './record-batch.js';

/** A batch as a broker gives it out, of so many records, from this offset on. */
function batchAt(offset: bigint, count: number, text = 'x'): Buffer {
  const messages = Array.from({ length: count }, (_, at) => ({
    topic: 't',
    value: Buffer.from(`${text}${String(at)}`),
  }));
  const bytes = Buffer.from(createRecordsBatch(messages).dynamicBuffer.buffer);
  bytes.writeBigInt64BE(offset, 0);
  return bytes;
}

const [lengthAt, versionAt, checksumAt, attributesAt, countAt, recordsAt] = [8, 16, 17, 21, 57, 61];

/** The batch with another body, compressed in the way of this number. */
function withBody(batch: Buffer, body: Uint8Array, compression: number): Buffer {
  const changed = Buffer.concat([batch.subarray(0, recordsAt), body]);
  changed.writeInt32BE(changed.length - 12, lengthAt);
  changed.writeInt16BE(compression, attributesAt);
  return checked(changed);
}

function checked(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(attributesAt)), checksumAt);
  return batch;
}

function read(...batches: readonly Buffer[]) {
  const fetched = { partition: 0, errorCode: 0, aborted: [], records: Buffer.concat(batches) };
  return [...itemsIn('t', fetched, 0n, 'uncommitted')].flatMap(({ items }) => items);
}

const five = batchAt(3n, 5);
const body = five.subarray(recordsAt);
const damaged = Buffer.from(five);
damaged.writeUInt8(damaged.readUInt8(recordsAt + 3) ^ 0xff, recordsAt + 3);
const ofOldVersion = Buffer.from(five);
ofOldVersion.writeInt8(1, versionAt);
const ofManyMore = Buffer.from(five);
ofManyMore.writeInt32BE(1_000_000, countAt);

describe('a batch', () => {
  it.each([
    ['as it is', five],
    ['compressed with gzip', withBody(five, gzipSync(body), 1)],
    ['compressed with zstd', withBody(five, zstdCompressSync(body), 4)],
  ])('%s is read whole', (_how, batch) => {
    const items = read(batchAt(0n, 3), batch, batchAt(8n, 1));
    expect(items.every(isMessage)).toBe(true);
    expect(items.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
  });

  it.each([
    ['compressed in a way that nobody knows', withBody(five, body, 7), /compression number 7/],
    ['whose gzip is none', withBody(five, body, 1), /header check/],
    ['whose snappy is none', withBody(five, body, 2), /./],
    ['whose lz4 is none', withBody(five, body, 3), /./],
    ['whose zstd is none', withBody(five, body, 4), /./],
    ['whose gzip is cut off', withBody(five, gzipSync(body).subarray(0, -9), 1), /unexpected end/],
    ['that holds more than is unpacked', withBody(five, gzipSync(Buffer.alloc(decodedBytesMax + 1)), 1), /larger than/],
    ['whose checksum is wrong', damaged, /checksum/],
    ['of an old version', ofOldVersion, /version 1/],
    ['that claims more records than it holds', checked(ofManyMore), /./],
  ])('%s is one item that says why, and what follows it is read', (_what, batch, reason) => {
    const items = read(batchAt(0n, 3), batch, batchAt(8n, 1));
    expect(items.map((item) => [item.offset, behind(item)])).toEqual([
      [0n, 1n],
      [1n, 2n],
      [2n, 3n],
      [3n, 8n],
      [8n, 9n],
    ]);
    expect(items[3]).toMatchObject({ kind: 'undecodable', reason: expect.stringMatching(reason) });
  });

  it('that is cut off is left for the next fetch', () => {
    expect(read(batchAt(0n, 1), batchAt(1n, 5).subarray(0, -1)).map(({ offset }) => offset)).toEqual([0n]);
  });
});
