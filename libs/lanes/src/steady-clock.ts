import type { Clock, GuardedClock } from '@ringfence/kernel/clock';
import type { Timers } from '@ringfence/kernel/timers';
import { epochMs, type EpochMs } from '@ringfence/kernel/units';

/** Deviation of the wall clock from the monotonic one that counts as a step. */
export const clockStepMsMin = 500;
/** Time that a step must last before it is taken to be right and adopted. */
export const clockStepHeldMs = 10_000;
/** Rate at which the two clocks may drift apart without a step: twice the rate at which NTP slews a clock. */
const driftMsPerMs = 1 / 1_000;

/** Event in the life of a clock step. `taken_over`: the step has lasted, and our time has adopted it. */
export type ClockNews = { readonly kind: 'stepped' | 'gone' | 'taken_over'; readonly byMs: number };

type Step = { readonly sinceMs: number; readonly byMs: number };

/**
 * The wall clock, continued by the monotonic one. After a step of the wall clock, time runs on evenly until the step is
 * reverted, or has lasted `clockStepHeldMs` since it was noticed; only then does it jump. Checked at every reading.
 */
export class SteadyClock implements GuardedClock {
  /** Wall clock minus monotonic clock. */
  #offsetMs: number;
  #lookedAtMs: number;
  #step: Step | null = null;
  readonly #jumpListeners: (() => void)[] = [];

  constructor(
    private readonly wall: Clock,
    private readonly timers: Pick<Timers, 'monotonicMs'>,
    /** Called when the clock has stepped and when the step is over. Must not throw. */
    private readonly onNews: (news: ClockNews) => void = () => undefined,
  ) {
    this.#lookedAtMs = timers.monotonicMs();
    this.#offsetMs = wall.now() - this.#lookedAtMs;
  }

  now(): EpochMs {
    this.#look();
    return epochMs(Math.max(0, Math.round(this.#lookedAtMs + this.#offsetMs)));
  }

  get stepMs(): number | null {
    this.#look();
    return this.#step === null ? null : Math.round(this.#step.byMs);
  }

  onJump(listener: () => void): void {
    this.#jumpListeners.push(listener);
  }

  #look(): void {
    const beforeMs = this.timers.monotonicMs();
    const wallMs = this.wall.now();
    const nowMs = this.timers.monotonicMs();
    const [latestMs, earliestMs] = [wallMs - beforeMs, wallMs - nowMs];
    // The process may have been suspended between the readings, so the offset is a range, and only a deviation beyond
    // it counts as a step.
    const nearestMs = Math.min(latestMs, Math.max(earliestMs, this.#offsetMs));
    const apartMs = nearestMs - this.#offsetMs;
    if (Math.abs(apartMs) <= clockStepMsMin) this.#agree(apartMs, nowMs);
    else this.#disagree(apartMs, nowMs);
    this.#lookedAtMs = nowMs;
  }

  #agree(apartMs: number, nowMs: number): void {
    const driftMs = (nowMs - this.#lookedAtMs) * driftMsPerMs;
    this.#offsetMs += Math.min(driftMs, Math.max(-driftMs, apartMs));
    if (this.#step === null) return;
    const { byMs } = this.#step;
    this.#step = null;
    this.onNews({ kind: 'gone', byMs: Math.round(byMs) });
  }

  #disagree(apartMs: number, nowMs: number): void {
    const step = this.#step;
    // A different step from the one noticed before has to last by itself.
    if (step === null || Math.abs(apartMs - step.byMs) > clockStepMsMin) {
      this.#step = { sinceMs: nowMs, byMs: apartMs };
      this.onNews({ kind: 'stepped', byMs: Math.round(apartMs) });
    } else if (nowMs - step.sinceMs >= clockStepHeldMs) {
      this.#step = null;
      this.#offsetMs += apartMs;
      for (const listener of this.#jumpListeners) listener();
      this.onNews({ kind: 'taken_over', byMs: Math.round(apartMs) });
    }
  }
}
