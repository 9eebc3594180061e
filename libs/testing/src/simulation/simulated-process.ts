import { type ClockNews, SteadyClock } from '@ringfence/lanes/steady-clock';
import type { Clock, GuardedClock } from '@ringfence/kernel/clock';
import type { Failure } from '@ringfence/kernel/failure';
import type { Timers } from '@ringfence/kernel/timers';
import { epochMs } from '@ringfence/kernel/units';
import { nine } from '../examples.js';
import type { SeededRandom } from '../seeded-random.js';
import type { ScheduledActor, Planned, Scheduler } from './scheduler.js';
import { travelMs, type FaultProfile } from './fault-profile.js';

export type World = {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  /** The faults; cleared once, at the end, so that what is left over shows. */
  faults: FaultProfile;
  /**
   * Releases everything that waits when the run is over: a wait for a signal that never comes would be kept for ever.
   */
  readonly ending: AbortController;
};

/** A request to another party. `unheard` replaces an answer that does not arrive. */
type Asking<Answer> = {
  readonly work: () => Promise<Answer> | Answer;
  readonly unavailable: () => Failure;
  readonly onAnswer?: () => void;
};

/**
 * A process of the cluster: a clock that is slightly off, timers, and requests to others. Nothing reaches a killed
 * process, but its requests are carried out nevertheless; for a paused one, everything waits.
 */
export class SimulatedProcess implements ScheduledActor {
  /** The clock of its machine. */
  readonly wall: Clock;
  readonly clock: GuardedClock;
  readonly timers: Timers;
  #status: 'running' | 'held' | 'gone' = 'running';
  #held: Planned[] = [];
  #pausedAtMs = 0;
  /** Offset of its machine's clock. */
  #offMs: number;

  constructor(
    readonly name: string,
    readonly world: World,
    skewMs: number,
    onClockNews: (news: ClockNews) => void = () => undefined,
  ) {
    const { scheduler } = world;
    this.timers = {
      monotonicMs: () => scheduler.nowMs,
      after: (delayMs, action) => scheduler.plan(delayMs, this, action),
      soon: (action) => {
        scheduler.plan(0, this, action);
      },
    };
    this.#offMs = skewMs;
    this.wall = { now: () => epochMs(nine + Math.floor(scheduler.nowMs) + this.#offMs) };
    this.clock = new SteadyClock(this.wall, this.timers, onClockNews);
  }

  /** Sets the clock of its machine. */
  setClock(byMs: number): void {
    this.#offMs += byMs;
  }

  status(): 'running' | 'held' | 'gone' {
    return this.#status;
  }

  hold(planned: Planned): void {
    this.#held.push(planned);
  }

  /** Returns for how long it has done nothing. */
  silentMs(): number {
    return this.#status === 'running' ? 0 : this.world.scheduler.nowMs - this.#pausedAtMs;
  }

  pause(): void {
    this.#status = 'held';
    this.#pausedAtMs = this.world.scheduler.nowMs;
  }

  resume(): void {
    this.#status = 'running';
    this.world.scheduler.resume(this.#held);
    this.#held = [];
  }

  kill(): void {
    this.#status = 'gone';
    this.#pausedAtMs = this.world.scheduler.nowMs;
    this.#held = [];
  }

  /** Delivers something from outside to this process. */
  reach(delayMs: number, action: () => void): void {
    this.world.scheduler.plan(delayMs, this, action);
  }

  /**
   * Sends a request to the store or the vault. It takes time in both directions, may fail in either, and is carried out
   * even if the process dies meanwhile.
   */
  ask<Answer>({ work, unavailable, onAnswer }: Asking<Answer>): Promise<Answer> {
    const { scheduler, random } = this.world;
    return new Promise((resolve, reject) => {
      const back = (settle: () => void) => {
        this.reach(travelMs(random, this.world.faults), settle);
      };
      scheduler.plan(travelMs(random, this.world.faults), null, () => {
        if (random.chance(this.world.faults.failsBefore)) {
          back(() => {
            reject(unavailable());
          });
          return;
        }
        const answerLost = random.chance(this.world.faults.answerLost);
        Promise.resolve()
          .then(work)
          .then(
            (answer) => {
              back(() => {
                if (!answerLost) onAnswer?.();
                if (answerLost) reject(unavailable());
                else resolve(answer);
              });
            },
            (failure: unknown) => {
              back(() => {
                reject(failure instanceof Error ? failure : unavailable());
              });
            },
          );
      });
    });
  }
}
