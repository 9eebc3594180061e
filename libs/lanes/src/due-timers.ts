import type { DuePage, DueStream, EventStore } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import type { LaneClock } from './lane-clock.js';
import { MinHeap } from '@ringfence/runtime/min-heap';
import type { OwnedLanes } from './owned-lanes.js';

/**
 * Interval at which the store is asked for streams that fall due, and how far ahead. Those we wrote to ourselves are
 * known without asking.
 */
const duePollEveryMs = 5_000;
const dueHorizonMs = durationMs(10_000);
/** Streams that one question looks at; the next goes on behind them. */
export const duePageMax = 1_000;
/** One real timer is never further off than this, so that a clock that was set is noticed. */
const wakeMsMax = 1_000;

/**
 * Entries that no longer hold are swept out when there are more than this many times as many as streams that are due,
 * and this many besides.
 */
const staleFactorMax = 4;
const staleEntriesAlways = 4_096;

type Due = { readonly stream: StreamId; readonly atMs: EpochMs };

/**
 * Knows when time will next act on which stream, and says so when it has come. Never too late; too early costs one
 * look.
 */
export class DueTimers {
  /** Entries that `#due` no longer agrees with are passed over. */
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

  /** Number of kept moments, including those that no longer hold. */
  get entries(): number {
    return this.#heap.size;
  }

  /**
   * Asks the store for what is due in lanes that have just become ours, and from now on now and then.
   * @throws what the store threw
   */
  async look(): Promise<void> {
    this.#cancelPoll();
    try {
      await this.#poll();
    } finally {
      this.#planPoll();
    }
  }

  /** Streams of lanes that are ours no more. */
  forgetOthers(): void {
    for (const stream of [...this.#due.keys()]) if (!this.lanes.owns(stream)) this.#due.delete(stream);
  }

  /** The stream's next moment has changed; null: time will not act on it. */
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

  /** An entry whose moment was put off lies in the heap until that moment comes, which may take days. */
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
      // The store being away is noticed, and said, by the appends.
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
    // To the end, so that many that wait for nobody (quarantined, say) do not hide the others.
    do {
      const page: DuePage = await this.store.dueStreams({ laneCount, lanes, before, limit: duePageMax, after });
      if (this.#stopped) return;
      // What we know ourselves is newer than what the store said.
      for (const { stream, nextDueMs } of page.due)
        if (!this.#due.has(stream) && this.lanes.owns(stream)) this.set(stream, nextDueMs);
      after = page.last;
    } while (after !== null);
  }
}

function emptyHeap(): MinHeap<Due> {
  return new MinHeap((left, right) => left.atMs < right.atMs);
}
