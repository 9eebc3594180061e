import { MinHeap } from '@ringfence/runtime/min-heap';
import type { CancelTimer } from '@ringfence/kernel/timers';

/** The owner of an action, which may be unable to act now or permanently. */
export interface ScheduledActor {
  /** Says whether the actor can act. `held`: the action is kept until the actor hands it back. */
  status(): 'running' | 'held' | 'gone';
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
 * Simulated time. Every occurrence is planned for a moment; between two actions, all work that waits only for the first
 * one settles. A whole run is determined by the moments drawn, and these by the seed.
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

  /** @param actor null: the world itself, which never stops or dies */
  plan(delayMs: number, actor: ScheduledActor | null, action: () => void): CancelTimer {
    this.#order += 1;
    const planned = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, actor, action, cancelled: false };
    this.#planned.push(planned);
    return () => {
      planned.cancelled = true;
    };
  }

  /** Resumes the held actions in their old order. */
  resume(held: readonly Planned[]): void {
    for (const { actor, action, cancelled } of held) if (!cancelled) this.plan(0, actor, action);
  }

  /**
   * Runs actions until `done` returns true.
   * @returns false: it has not by `untilMs`, or within `stepsMax` actions in all
   */
  async run(done: () => boolean, untilMs: number, stepsMax: number): Promise<boolean> {
    for (;;) {
      await microtasksDrained();
      if (done()) return true;
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs || this.#steps >= stepsMax) return false;
      this.#planned.pop();
      this.#nowMs = next.atMs;
      this.#steps += 1;
      next.action();
    }
  }

  /**
   * Finds the next possible action; those of dead actors are dropped, those of paused ones are kept by their owners.
   */
  #next(): Planned | undefined {
    for (let next = this.#planned.peek(); next !== undefined; next = this.#planned.peek()) {
      const status = next.cancelled ? 'gone' : (next.actor?.status() ?? 'running');
      if (status === 'running') return next;
      this.#planned.pop();
      if (status === 'held') next.actor?.hold(next);
    }
    return undefined;
  }
}

/** Settles when no promise can continue by itself: only then does a turn of the event loop end. */
function microtasksDrained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
