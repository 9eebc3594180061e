import type { Timers } from '@ringfence/kernel/timers';
import type { Position } from '@ringfence/kernel/units';

/** Requests that may wait at the same time; for a further one the registry counts as behind. */
const catchUpWaitersMax = 4_096;

export type CaughtUp = 'caught_up' | 'timed_out' | 'overrun' | 'head_unknown';

/**
 * Lets requests wait until a reader has seen everything that was in the log when they arrived. However many wait, at
 * most two reads of the head are in progress: a read that began before a request arrived does not cover that request,
 * so later requests share the next read.
 */
export class CatchUp {
  #seen: Position;
  #headRequest: Promise<Position> | undefined;
  #askingNext: Promise<Position> | undefined;
  readonly #waiters = new Set<Waiter>();

  constructor(
    seen: Position,
    private readonly head: () => Promise<Position>,
    private readonly timers: Timers,
  ) {
    this.#seen = seen;
  }

  /** Notes that the reader has seen everything below `seen`. */
  advance(seen: Position): void {
    this.#seen = seen;
    for (const waiter of this.#waiters) this.#settleIfReached(waiter);
  }

  /** Waits at most `atMostMs`. */
  async wait(atMostMs: number): Promise<CaughtUp> {
    if (this.#waiters.size >= catchUpWaitersMax) return 'overrun';
    return new Promise((resolve) => {
      const waiter: Waiter = {
        target: undefined,
        settle: (how) => {
          cancel();
          this.#waiters.delete(waiter);
          resolve(how);
        },
      };
      const cancel = this.timers.after(atMostMs, () => {
        waiter.settle('timed_out');
      });
      this.#waiters.add(waiter);
      this.#headFromNow().then(
        (target) => {
          waiter.target = target;
          this.#settleIfReached(waiter);
        },
        () => {
          waiter.settle('head_unknown');
        },
      );
    });
  }

  #settleIfReached(waiter: Waiter): void {
    if (waiter.target !== undefined && this.#seen >= waiter.target) waiter.settle('caught_up');
  }

  #headFromNow(): Promise<Position> {
    if (this.#headRequest === undefined) return this.#ask();
    this.#askingNext ??= this.#headRequest.then(
      () => this.#ask(),
      () => this.#ask(),
    );
    return this.#askingNext;
  }

  #ask(): Promise<Position> {
    this.#askingNext = undefined;
    const headRequest = this.head().finally(() => {
      if (this.#headRequest === headRequest) this.#headRequest = undefined;
    });
    this.#headRequest = headRequest;
    return headRequest;
  }
}

type Waiter = { target: Position | undefined; readonly settle: (how: CaughtUp) => void };
