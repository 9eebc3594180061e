import { createHash } from 'node:crypto';
import type { Lane } from '@ringfence/kernel/lane';
import { signatureAttribute } from '@ringfence/wire/signed-command';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { LRUCache } from 'lru-cache';
import { retriedHeader } from './dead-letter.js';

/**
 * Number of a lane's records that are remembered. A duplicate that arrives later than that is treated as a retry.
 */
const rememberedMax = 1_024;
/** Number of consumed records that a new owner reads again, to know those seen by its predecessor. */
export const lookBackRecords = 256n;

/**
 * Headers that identify a record: two records that agree in all of them are one request. A retry has another signature,
 * MAC or reply address.
 */
const identityHeaders = [
  'ce_id',
  'ce_type',
  'ce_source',
  'ce_subject',
  'ce_replyto',
  `ce_${signatureAttribute}`,
  'ce_vouch',
  retriedHeader,
] as const;

/**
 * Distinguishes a duplicate of a record, which is in its lane twice because a producer did not know whether it had
 * arrived, from a retry. A duplicate was requested only once: it gets the original's result and is never decided
 * itself.
 */
export class DuplicateRecordFilter {
  readonly #lanes = new Map<Lane, LRUCache<string, bigint>>();

  /**
   * Remembers a record.
   * @returns whether it is the duplicate of an earlier one
   */
  isCopy(lane: Lane, { headers, value, offset }: BusMessage): boolean {
    const digest = createHash('sha256');
    digest.update(identityHeaders.map((name) => headers[name] ?? '').join('\0')).update('\0');
    const record = digest.update(value).digest('base64url');
    const known = this.#of(lane);
    const first = known.get(record);
    if (first !== undefined && first < offset) return true;
    known.set(record, offset);
    return false;
  }

  forget(lanes: readonly Lane[]): void {
    for (const lane of lanes) this.#lanes.delete(lane);
  }

  #of(lane: Lane): LRUCache<string, bigint> {
    const known = this.#lanes.get(lane);
    if (known !== undefined) return known;
    const fresh = new LRUCache<string, bigint>({ max: rememberedMax });
    this.#lanes.set(lane, fresh);
    return fresh;
  }
}
