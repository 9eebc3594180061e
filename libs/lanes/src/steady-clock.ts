import type { Clock, GuardedClock } from '@ringfence/kernel/clock';
import type { Timers } from '@ringfence/kernel/timers';
import { epochMs, type EpochMs } from '@ringfence/kernel/units';

/** The wall clock has stepped when it is further than this from where the monotonic one says that it should be. */
export const clockStepMsMin = 500;
/** A step that has lasted this long is the right time, as far as we can know, and is taken over. */
export const clockStepHeldMs = 10_000;
/** The two clocks may drift apart at this rate without any step: twice what NTP corrects a clock by. */
const driftMsPerMs = 1 / 1_000;

/** Fate of a step of the machine's clock. `taken_over`: the step has lasted, and our time has followed it. */
export type ClockNews = { readonly kind: 'stepped' | 'gone' | 'taken_over'; readonly byMs: number };

type Step = { readonly sinceMs: number; readonly byMs: number };

/**
 * The wall clock as the monotonic one carries it on. Where they part by a step, time goes on evenly until the step is
 * gone or has lasted `clockStepHeldMs`, counted from when it was first seen; only then does it jump. Looked at with
 * every reading.
 */
export class SteadyClock implements GuardedClock {
  /** Wall clock minus monotonic clock. */
  #offsetMs: number;
  #lookedAtMs: number;
  #step: Step | null = null;
  readonly #told: (() => void)[] = [];

  constructor(
    private readonly wall: Clock,
    private readonly timers: Pick<Timers, 'monotonicMs'>,
    /** Called when the clock has stepped, and when the step is over. Must not throw. */
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

  onJump(told: () => void): void {
    this.#told.push(told);
  }

  #look(): void {
    const beforeMs = this.timers.monotonicMs();
    const wallMs = this.wall.now();
    const nowMs = this.timers.monotonicMs();
    const [latestMs, earliestMs] = [wallMs - beforeMs, wallMs - nowMs];
    // The process may have been stopped between the readings: the offset is somewhere in between, and no step is seen
    // where there may be none.
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
    // Another step than the one that was seen before: it has to last by itself.
    if (step === null || Math.abs(apartMs - step.byMs) > clockStepMsMin) {
      this.#step = { sinceMs: nowMs, byMs: apartMs };
      this.onNews({ kind: 'stepped', byMs: Math.round(apartMs) });
    } else if (nowMs - step.sinceMs >= clockStepHeldMs) {
      this.#step = null;
      this.#offsetMs += apartMs;
      for (const told of this.#told) told();
      this.onNews({ kind: 'taken_over', byMs: Math.round(apartMs) });
    }
  }
}
