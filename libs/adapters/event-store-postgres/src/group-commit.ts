import { Failure } from '@ringfence/kernel/failure';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import { position } from '@ringfence/kernel/units';
import type { AppendBatch, AppendResult } from '@ringfence/ports/log/event-store';
import { sqlStateOf } from '@ringfence/sql-postgres/pool';
import { BatchUnion, byteCountOf, eventCountOf, mergedBatch } from './merged-batch.js';

/** The most of a group; a batch that is larger is a group of its own. */
const groupEventsMax = 1_024;
const groupBytesMax = 1_048_576;
/** The most groups in the database at a time: the second and later ones are full. */
const groupsWritingMax = 4;
/** The most appends that wait; one more is refused as `event_store_unavailable`. */
export const appendsWaitingMax = 4_096;

/**
 * Writes appends that arrive while another one is being written together, in the next transaction. The head of the log
 * admits one transaction at a time, so that each would wait for the disk once for every append before it.
 *
 * Each append has its own verdict: a group that is refused is written again in halves, until what is refused is alone.
 */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #events = 0;
  #bytes = 0;
  #writing = 0;
  #scheduled = false;

  /** @param write writes one batch, all or nothing */
  constructor(private readonly write: (batch: AppendBatch) => Promise<AppendResult>) {}

  /** @throws what `write` throws for this batch alone */
  append(batch: AppendBatch): Promise<AppendResult> {
    if (this.#waiting.length >= appendsWaitingMax)
      return Promise.reject(new Failure('event_store_unavailable', 'Too many appends wait for the log.', true));
    return new Promise((resolve, reject) => {
      const [events, bytes] = [eventCountOf(batch), byteCountOf(batch)];
      this.#waiting.push({ batch, events, bytes, resolve, reject });
      this.#events += events;
      this.#bytes += bytes;
      this.#schedule();
    });
  }

  /** Waits until writers answered together with the caller have appended too, within this turn of the event loop. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      while (this.#waiting.length > 0 && this.#mayWrite()) void this.#writeNext();
    });
  }

  #mayWrite(): boolean {
    if (this.#writing === 0) return true;
    const full = this.#events >= groupEventsMax || this.#bytes >= groupBytesMax;
    return full && this.#writing < groupsWritingMax;
  }

  /** Never rejects. */
  async #writeNext(): Promise<void> {
    const group = this.#takeGroup();
    this.#writing += 1;
    await this.#writeGroup(group);
    this.#writing -= 1;
    if (this.#waiting.length > 0) this.#schedule();
  }

  #takeGroup(): readonly Waiting[] {
    const group: Waiting[] = [];
    const left: Waiting[] = [];
    const union = new BatchUnion();
    let events = 0;
    let bytes = 0;
    for (const each of this.#waiting) {
      const fits = events + each.events <= groupEventsMax && bytes + each.bytes <= groupBytesMax;
      // Also of those that are left behind, so that no append overtakes another one of its stream.
      const independent = union.add(each.batch);
      if (group.length > 0 && !(fits && independent)) {
        left.push(each);
        continue;
      }
      group.push(each);
      events += each.events;
      bytes += each.bytes;
    }
    this.#waiting = left;
    this.#events -= events;
    this.#bytes -= bytes;
    return group;
  }

  /** Never rejects. */
  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const { first, head } = await this.write(mergedBatch(group.map(({ batch }) => batch)));
      let next = first;
      for (const { events, resolve } of group) {
        resolve({ first: events === 0 ? head : next, head });
        next = position(next + events);
      }
    } catch (failure) {
      if (group.length === 1 || !wasRolledBack(failure)) {
        for (const { reject } of group) reject(failure);
        return;
      }
      const middle = Math.ceil(group.length / 2);
      await this.#writeGroup(group.slice(0, middle));
      await this.#writeGroup(group.slice(middle));
    }
  }
}

/** Says whether the database itself refused the transaction. Otherwise it may have been committed. */
function wasRolledBack(failure: unknown): boolean {
  if (failure instanceof Failure) return failure.code !== 'event_store_unavailable';
  return failure instanceof BrokenInvariant || sqlStateOf(failure) !== undefined;
}

type Waiting = {
  readonly batch: AppendBatch;
  readonly events: number;
  readonly bytes: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (failure: unknown) => void;
};
