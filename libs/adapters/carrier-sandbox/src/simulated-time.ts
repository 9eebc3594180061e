import type { CancelTimer, Timers } from '@ringfence/kernel/timers';

type Planned = { readonly atMs: number; readonly action: () => void; cancelled: boolean };

/** Number of cancelled entries from which on they are removed, once they are also the majority. */
const cancelledMin = 1_024;

/**
 * A clock that runs `speed` times as fast as the machine's. All timers are in one heap under one real timer, because a
 * real timer for each step of 40 000 calls would cost more to set and clear.
 */
export class SimulatedTime {
  #heap: Planned[] = [];
  #cancelled = 0;
  readonly #startedAtMs: number;
  #cancelWake: CancelTimer = () => undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(
    private readonly timers: Timers,
    private readonly speed: number,
  ) {
    if (!(speed >= 1)) throw new RangeError(`a sandbox runs at 1 or faster, got ${String(speed)}`);
    this.#startedAtMs = timers.monotonicMs();
  }

  /** Simulated milliseconds since its creation, with a fraction. */
  nowMs(): number {
    return (this.timers.monotonicMs() - this.#startedAtMs) * this.speed;
  }

  /** The last whole millisecond: what is planned from it on is exact, because no sum of fractions is rounded. */
  wholeMs(): number {
    return Math.floor(this.nowMs());
  }

  at(atMs: number, action: () => void): CancelTimer {
    const planned = { atMs, action, cancelled: false };
    push(this.#heap, planned);
    if (atMs < this.#wakeAtMs) this.#planWake();
    return () => {
      if (planned.cancelled) return;
      planned.cancelled = true;
      this.#cancelled += 1;
      if (this.#cancelled >= cancelledMin && 2 * this.#cancelled > this.#heap.length) this.#clearOut();
    };
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWake();
    this.#heap = [];
  }

  #planWake(): void {
    this.#cancelWake();
    const next = this.#heap[0];
    if (this.#stopped || next === undefined) {
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      return;
    }
    this.#wakeAtMs = next.atMs;
    this.#cancelWake = this.timers.after(Math.max(0, (next.atMs - this.nowMs()) / this.speed), () => {
      this.#sound();
    });
  }

  #sound(): void {
    // Actions planned meanwhile for now or earlier run in the same pass.
    this.#wakeAtMs = Number.NEGATIVE_INFINITY;
    const now = this.nowMs() + rounding;
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= now; next = this.#heap[0]) {
      pop(this.#heap);
      if (next.cancelled) {
        this.#cancelled -= 1;
        continue;
      }
      next.cancelled = true;
      next.action();
    }
    this.#planWake();
  }

  #clearOut(): void {
    const kept = this.#heap.filter(({ cancelled }) => !cancelled);
    this.#heap = [];
    this.#cancelled = 0;
    for (const planned of kept) push(this.#heap, planned);
  }
}

/** Rounding error of a product of fractions, in simulated milliseconds. */
const rounding = 1e-6;

function push(heap: Planned[], planned: Planned): void {
  let at = heap.length;
  heap.push(planned);
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || parent.atMs <= planned.atMs) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = planned;
}

function pop(heap: Planned[]): void {
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return;
  let at = 0;
  for (;;) {
    let childAt = 2 * at + 1;
    let child = heap[childAt];
    if (child === undefined) break;
    const right = heap[childAt + 1];
    if (right !== undefined && right.atMs < child.atMs) {
      child = right;
      childAt += 1;
    }
    if (child.atMs >= last.atMs) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
}
