import type { Clock } from '@ringfence/kernel/clock';
import { addDuration, durationMs, epochMs, type EpochMs } from '@ringfence/kernel/units';

/** Stands still until it is told to move. */
export class FakeClock implements Clock {
  constructor(private moment: EpochMs = epochMs(1_790_000_000_000)) {}

  now(): EpochMs {
    return this.moment;
  }

  advance(byMs: number): void {
    this.moment = addDuration(this.moment, durationMs(byMs));
  }

  set(moment: EpochMs): void {
    this.moment = moment;
  }
}
