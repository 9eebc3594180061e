import { MinHeap } from '@ringfence/runtime/min-heap';
import type { CancelTimer } from '@ringfence/kernel/timers';

/** The owner of an action: it may not be able to act now, or ever again. */
export interface ScheduledActor {
  /** `held`: the action is kept until the actor hands it back. */
  standing(): 'running' | 'held' | 'gone';
  hold(planned: Planned): void;
}

export type Planned = {
  readonly atMs: number;
  readonly order: number;
  readonly actor: ScheduledActor | null;
  readonly action: () => void;
  cancelled: boolean;
};

/**
 * Simulated time. Everything that happens was planned for a moment; between two actions, everything that waits only for
 * the first one settles. A whole run follows from the moments that were drawn, and they from the seed.
 */
export class Scheduler {
  readonly #planned = new MinHeap<Planned>((left, right) =>
    left.atMs === right.atMs ? left.order < right.order : left.atMs < right.atMs,
  );
  #nowMs = 0;
  #order = 0;
  #steps = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** @param actor null: the world itself, which neither stops nor dies */
  plan(delayMs: number, actor: ScheduledActor | null, action: () => void): CancelTimer {
    this.#order += 1;
    const planned = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, actor, action, cancelled: false };
    this.#planned.push(planned);
    return () => {
      planned.cancelled = true;
    };
  }

  /** Resumes what was held back, in its old order. */
  resume(held: readonly Planned[]): void {
    for (const { actor, action, cancelled } of held) if (!cancelled) this.plan(0, actor, action);
  }

  /**
   * Lets things happen until `done` says so.
   * @returns false: it has not after `untilMs`, or after `stepsMax` actions in all
   */
  async run(done: () => boolean, untilMs: number, stepsMax: number): Promise<boolean> {
    for (;;) {
      await atRest();
      if (done()) return true;
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs || this.#steps >= stepsMax) return false;
      this.#planned.pop();
      this.#nowMs = next.atMs;
      this.#steps += 1;
      next.action();
    }
  }

  /** The next that can happen; those of the dead are forgotten, those of the paused are kept by their owners. */
  #next(): Planned | undefined {
    for (let next = this.#planned.peek(); next !== undefined; next = this.#planned.peek()) {
      const standing = next.cancelled ? 'gone' : (next.actor?.standing() ?? 'running');
      if (standing === 'running') return next;
      this.#planned.pop();
      if (standing === 'held') next.actor?.hold(next);
    }
    return undefined;
  }
}

/** A turn of the event loop ends only when no promise is left to go on by itself. */
function atRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
