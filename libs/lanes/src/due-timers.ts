import type { DuePage, DueStream, EventStore } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import type { LaneClock } from './lane-clock.js';
import { MinHeap } from '@ringfence/runtime/min-heap';
import type { OwnedLanes } from './owned-lanes.js';

/**
 * Interval at which the store is polled for due streams, and how far ahead. Streams that this process has written to
 * are known without polling.
 */
const duePollEveryMs = 5_000;
const dueHorizonMs = durationMs(10_000);
/** Streams per page of a poll. */
export const duePageMax = 1_000;
/** The longest real timer, so that a change of the clock is noticed. */
const wakeMsMax = 1_000;

/**
 * Stale entries are removed when the heap holds more than this many times as many entries as there are due streams,
 * plus this many.
 */
const staleFactorMax = 4;
const staleEntriesAlways = 4_096;

type Due = { readonly stream: StreamId; readonly atMs: EpochMs };

/**
 * Tracks the next due moment of each stream, and reports streams that are due. Never late; being early costs one futile
 * attempt.
 */
export class DueTimers {
  /** Scheduled moments; entries that differ from `#due` are stale and skipped. */
  #heap = emptyHeap();
  readonly #due = new Map<StreamId, EpochMs>();
  #cancelWake: CancelTimer = () => undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelPoll: CancelTimer = () => undefined;
  #stopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Pick<LaneClock, 'dueUpTo'>,
    private readonly timers: Timers,
    private readonly lanes: OwnedLanes,
    private readonly onDue: (stream: StreamId) => void,
  ) {}

  /** Number of entries, including stale ones. */
  get entries(): number {
    return this.#heap.size;
  }

  /**
   * Polls the store for due streams of newly acquired lanes, and periodically from now on.
   * @throws the store's failure
   */
  async look(): Promise<void> {
    this.#cancelPoll();
    try {
      await this.#poll();
    } finally {
      this.#planPoll();
    }
  }

  /** Forgets the streams of lanes that are no longer ours. */
  forgetOthers(): void {
    for (const stream of [...this.#due.keys()]) if (!this.lanes.owns(stream)) this.#due.delete(stream);
  }

  /** Sets the next due moment of a stream; null: none. */
  set(stream: StreamId, atMs: EpochMs | null): void {
    if (this.#due.get(stream) === (atMs ?? undefined)) return;
    if (atMs === null) {
      this.#due.delete(stream);
      return;
    }
    this.#due.set(stream, atMs);
    this.#heap.push({ stream, atMs });
    if (this.#heap.size > staleEntriesAlways + staleFactorMax * this.#due.size) this.#sweep();
    if (atMs < this.#wakeAtMs) this.#planWake();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWake();
    this.#cancelPoll();
  }

  /** Removes stale entries; one whose moment was postponed would otherwise stay in the heap, possibly for days. */
  #sweep(): void {
    this.#heap = emptyHeap();
    for (const [stream, atMs] of this.#due) this.#heap.push({ stream, atMs });
  }

  #planWake(): void {
    this.#cancelWake();
    const next = this.#heap.peek();
    if (this.#stopped || next === undefined) {
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      return;
    }
    this.#wakeAtMs = next.atMs;
    const delayMs = Math.min(wakeMsMax, Math.max(0, next.atMs - this.clock.dueUpTo()));
    this.#cancelWake = this.timers.after(delayMs, () => {
      this.#sound();
    });
  }

  #sound(): void {
    const now = this.clock.dueUpTo();
    for (let next = this.#heap.peek(); next !== undefined && next.atMs <= now; next = this.#heap.peek()) {
      this.#heap.pop();
      if (this.#due.get(next.stream) !== next.atMs) continue;
      this.#due.delete(next.stream);
      this.onDue(next.stream);
    }
    this.#planWake();
  }

  #planPoll(): void {
    if (this.#stopped) return;
    this.#cancelPoll();
    this.#cancelPoll = this.timers.after(duePollEveryMs, () => {
      // Appends detect and report an unavailable store.
      this.#poll()
        .catch(() => undefined)
        .finally(() => {
          this.#planPoll();
        });
    });
  }

  async #poll(): Promise<void> {
    if (this.lanes.lanes.length === 0) return;
    const { laneCount, lanes } = this.lanes;
    const before = addDuration(this.clock.dueUpTo(), dueHorizonMs);
    let after: DueStream | null = null;
    // All pages, so that many due streams that are not acted on (quarantined, for example) do not hide the others.
    do {
      const page: DuePage = await this.store.dueStreams({ laneCount, lanes, before, limit: duePageMax, after });
      if (this.#stopped) return;
      // Our own knowledge is newer than the store's answer.
      for (const { stream, nextDueMs } of page.due)
        if (!this.#due.has(stream) && this.lanes.owns(stream)) this.set(stream, nextDueMs);
      after = page.last;
    } while (after !== null);
  }
}

function emptyHeap(): MinHeap<Due> {
  return new MinHeap((left, right) => left.atMs < right.atMs);
}
