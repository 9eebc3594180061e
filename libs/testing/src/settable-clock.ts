import type { Clock } from '@ringfence/kernel/clock';
import type { Timers } from '@ringfence/kernel/timers';
import { epochMs, type EpochMs } from '@ringfence/kernel/units';
import { nine } from './examples.js';

/** Steps of a clock, forward and back, that a platform has to survive. */
export const clockStepsMs: readonly number[] = [1_000, 600_000, 3_600_000, 86_400_000].flatMap((ms) => [ms, -ms]);

/** A machine's clock: it advances with the monotonic one, and can be set. */
export class SettableClock implements Clock {
  #offMs = 0;

  constructor(private readonly timers: Pick<Timers, 'monotonicMs'>) {}

  now(): EpochMs {
    return epochMs(nine + Math.floor(this.timers.monotonicMs()) + this.#offMs);
  }

  setBy(ms: number): void {
    this.#offMs += ms;
  }
}
