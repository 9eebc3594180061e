import type { GuardedClock } from '@ringfence/kernel/clock';
import { addDuration, durationMs, epochMs, type EpochMs } from '@ringfence/kernel/units';

/** A clock that does not advance by itself; a test moves it. */
export class FakeClock implements GuardedClock {
  stepMs: number | null = null;

  constructor(private moment: EpochMs = epochMs(1_790_000_000_000)) {}

  /** Does nothing: the clock is moved, and never jumps by itself. */
  onJump(): void {}

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
