import zlib from 'node:zlib';
import { compressionsAlgorithmsByBitmask, crc32c, Reader, readRecord } from '@platformatic/kafka';

/**
 * The largest size of a decompressed batch: a larger one is not decoded. The broker accepts batches of 1 MB by default.
 */
export const decodedBytesMax = 33_554_432;

/** Offsets of the fields of a version-2 batch, in bytes from its beginning. */
const at = {
  firstOffset: 0,
  length: 8,
  version: 16,
  checksum: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  producer: 43,
  recordCount: 57,
  records: 61,
} as const;
/** Size of the two fields before the part that `length` counts. */
const headBytes = 12;
const version = 2;
const compressionBits = 0b111;
const transactionalBit = 1 << 4;
const controlBit = 1 << 5;
/** Type of a commit marker: the second number of a control record's key, after its version. */
const committedMarker = 1;

export type RecordBatch = {
  readonly firstOffset: bigint;
  /** The first offset after the batch. */
  readonly next: bigint;
  readonly producer: bigint;
  readonly isTransactional: boolean;
  /** True if the batch holds a marker and no messages. */
  readonly isControl: boolean;
  readonly recordCount: number;
  readonly compression: number;
  readonly body: Buffer;
  /** Reason why the batch cannot be decoded, whatever its contents; null: it can. */
  readonly fault: string | null;
};

export type BatchRecord = {
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [Buffer | null, Buffer | null])[];
};

/** Splits the bytes that a broker has sent into batches; the last one may be cut off, and is then left out. */
export function batchesIn(bytes: Buffer): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let begin = 0; begin + headBytes <= bytes.length;) {
    const end = begin + headBytes + bytes.readInt32BE(begin + at.length);
    if (end > bytes.length || end <= begin + headBytes) break;
    batches.push(batchOf(bytes.subarray(begin, end), firstOffsetAt(bytes, end)));
    begin = end;
  }
  return batches;
}

/** @throws Error: the batch cannot be decoded, or not by this release */
export function recordsOf({ firstOffset, recordCount, compression, body, fault }: RecordBatch): readonly BatchRecord[] {
  if (fault !== null) throw new Error(fault);
  const reader = Reader.from(decompressed(body, compression));
  return Array.from({ length: recordCount }, () => {
    const { offsetDelta, key, value, headers } = readRecord(reader) as ReadRecord;
    return { offset: firstOffset + BigInt(offsetDelta), key, value, headers };
  });
}

/** Says whether the marker in a control batch commits the transaction that it ends. */
export function isCommit(batch: RecordBatch): boolean {
  const [marker] = recordsOf(batch);
  return marker?.key?.readInt16BE(2) === committedMarker;
}

type ReadRecord = Omit<BatchRecord, 'offset'> & { readonly offsetDelta: number };

function batchOf(bytes: Buffer, following: bigint | null): RecordBatch {
  const firstOffset = bytes.readBigInt64BE(at.firstOffset);
  const fault = faultOf(bytes);
  // The fields of a damaged batch, or of one of another version, cannot be relied on.
  if (fault !== null) return { ...unknown, firstOffset, next: following ?? firstOffset + 1n, body: bytes, fault };
  const attributes = bytes.readInt16BE(at.attributes);
  return {
    firstOffset,
    next: firstOffset + BigInt(bytes.readInt32BE(at.lastOffsetDelta)) + 1n,
    producer: bytes.readBigInt64BE(at.producer),
    isTransactional: (attributes & transactionalBit) !== 0,
    isControl: (attributes & controlBit) !== 0,
    recordCount: bytes.readInt32BE(at.recordCount),
    compression: attributes & compressionBits,
    body: bytes.subarray(at.records),
    fault: null,
  };
}

const unknown = { producer: -1n, isTransactional: false, isControl: false, recordCount: 0, compression: 0 } as const;

function faultOf(bytes: Buffer): string | null {
  if (bytes.length < at.records) return `the batch has ${String(bytes.length)} bytes, which is too few`;
  const found = bytes.readInt8(at.version);
  if (found !== version) return `the batch has format version ${String(found)}, and version ${String(version)} is read`;
  return crc32c(bytes.subarray(at.attributes)) === bytes.readUInt32BE(at.checksum)
    ? null
    : 'the batch is damaged: its checksum is wrong';
}

function firstOffsetAt(bytes: Buffer, begin: number): bigint | null {
  return begin + headBytes <= bytes.length ? bytes.readBigInt64BE(begin) : null;
}

function decompressed(body: Buffer, compression: number): Buffer {
  if (compression === 0) return body;
  const bytes = decompressorOf(compression)(body);
  if (bytes.length > decodedBytesMax) throw new RangeError(`the batch holds ${String(bytes.length)} bytes`);
  return bytes;
}

function decompressorOf(compression: number): (body: Buffer) => Buffer {
  const options = { maxOutputLength: decodedBytesMax };
  if (compression === 1) return (body) => zlib.gunzipSync(body, options);
  if (compression === 4) return (body) => zlib.zstdDecompressSync(body, options);
  const known = compressionsAlgorithmsByBitmask[compression];
  if (known === undefined) throw new Error(`compression number ${String(compression)} is not known`);
  return (body) => known.decompressSync(body);
}
