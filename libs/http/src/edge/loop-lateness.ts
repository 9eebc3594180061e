import type { Timers } from '@ringfence/kernel/timers';

export const lookEveryMs = 20;

/**
 * Lateness of the event loop: the time for which a request may have waited in its socket before anybody knew of it.
 * Timers run before sockets are read: after a long turn the lateness is known before the first request that it delayed.
 */
export class LoopLateness {
  #lateMs = 0;
  #isWatched = false;

  /** @param isNeeded says at each look whether to look again */
  constructor(
    private readonly timers: Pick<Timers, 'monotonicMs' | 'after'>,
    private readonly isNeeded: () => boolean,
  ) {}

  /** The lateness at the last look; 0: nobody looks. */
  get lateMs(): number {
    return this.#lateMs;
  }

  watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#plan();
  }

  #plan(): void {
    const dueAtMs = this.timers.monotonicMs() + lookEveryMs;
    this.timers.after(lookEveryMs, () => {
      this.#isWatched = this.isNeeded();
      this.#lateMs = this.#isWatched ? Math.max(0, this.timers.monotonicMs() - dueAtMs) : 0;
      if (this.#isWatched) this.#plan();
    });
  }
}
