import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import type { FakeClock } from './fake-clock.js';

type Planned = { readonly atMs: number; readonly order: number; readonly action: () => void };

/** Timers whose time passes when a test advances it, together with the clock; timers fire in order. */
export class FakeTimers implements Timers {
  readonly #planned = new Set<Planned>();
  #nowMs = 0;
  #order = 0;

  constructor(private readonly clock?: FakeClock) {}

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): CancelTimer {
    const planned = { atMs: this.#nowMs + Math.max(0, delayMs), order: (this.#order += 1), action };
    this.#planned.add(planned);
    return () => {
      this.#planned.delete(planned);
    };
  }

  /** Uses the event loop itself: its turns take no time. */
  soon(action: () => void): void {
    setImmediate(action);
  }

  /** Advances time by `byMs`; after each action, work that it started in the event loop settles. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settled();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#planned.delete(next);
      this.#passTo(next.atMs);
      next.action();
      await settled();
    }
    this.#passTo(untilMs);
    await settled();
  }

  #next(untilMs: number): Planned | undefined {
    let first: Planned | undefined;
    for (const planned of this.#planned) {
      if (planned.atMs > untilMs) continue;
      if (
        first === undefined ||
        planned.atMs < first.atMs ||
        (planned.atMs === first.atMs && planned.order < first.order)
      )
        first = planned;
    }
    return first;
  }

  #passTo(atMs: number): void {
    this.clock?.advance(Math.floor(atMs) - Math.floor(this.#nowMs));
    this.#nowMs = atMs;
  }
}

/** Waits for enough turns of the event loop that all work which waits only for the loop settles. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
