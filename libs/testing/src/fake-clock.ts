import type { GuardedClock } from '@ringfence/kernel/clock';
import { addDuration, durationMs, epochMs, type EpochMs } from '@ringfence/kernel/units';

/** Stands still until it is told to move, and has stepped when it is told so. */
export class FakeClock implements GuardedClock {
  stepMs: number | null = null;

  constructor(private moment: EpochMs = epochMs(1_790_000_000_000)) {}

  /** It is moved, and never jumps by itself. */
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
