import type { StreamId } from './ids.js';
import type { Unit } from './units.js';

/** A share of the streams with exactly one writer at a time: 0 … laneCount − 1. */
export type Lane = Unit<number, 'Lane'>;
/** Counts the owners of one lane, from 1; a write under an older epoch is refused. */
export type Epoch = Unit<number, 'Epoch'>;

/** Default number of lanes; fixed in the log's first event, and equal to the number of Kafka partitions. */
export const laneCountDefault = 64;

/** Computes `murmur2(stream) mod laneCount`, like the default partitioner of Apache Kafka. */
export function laneOf(stream: StreamId, laneCount: number): Lane {
  return ((murmur2(stream) & 0x7fffffff) % laneCount) as Lane;
}

/**
 * MurmurHash2, 32 bit, seed 0x9747b28c, over UTF-8 (here: ASCII) bytes. Source:
 * org.apache.kafka.common.utils.Utils.murmur2.
 */
export function murmur2(ascii: string): number {
  const m = 0x5bd1e995;
  const length = ascii.length;
  let h = 0x9747b28c ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let k =
      ascii.charCodeAt(at) |
      (ascii.charCodeAt(at + 1) << 8) |
      (ascii.charCodeAt(at + 2) << 16) |
      (ascii.charCodeAt(at + 3) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length - at;
  if (rest >= 3) h ^= ascii.charCodeAt(at + 2) << 16;
  if (rest >= 2) h ^= ascii.charCodeAt(at + 1) << 8;
  if (rest >= 1) {
    h ^= ascii.charCodeAt(at);
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h;
}
