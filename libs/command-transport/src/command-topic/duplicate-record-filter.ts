import { createHash } from 'node:crypto';
import type { Lane } from '@ringfence/kernel/lane';
import { signatureAttribute } from '@ringfence/wire/signed-command';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { LRUCache } from 'lru-cache';
import { retriedHeader } from './dead-letter.js';

/** Records of a lane that are remembered: a copy that comes later than that after its original is taken for one who asks anew. */
const rememberedMax = 1_024;
/** So far behind what is consumed a new owner begins to read, to know what its predecessor has had. */
export const lookBackRecords = 256n;

/** What a record says of itself: two that agree in all of it were said once. Who asks anew says so with another signature, vouch or place for the reply. */
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
 * Tells a command that stands in its lane twice, because somebody on the way did not know whether it was there, from one that is asked for twice. The former
 * was asked for once: it gets what the first of them got, and never a decision of its own.
 */
export class DuplicateRecordFilter {
  readonly #lanes = new Map<Lane, LRUCache<string, bigint>>();

  /** Remembers a record. @returns whether it is the copy of one that stands before it */
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
