import { describe, expect, it } from '@jest/globals';
import { LoopLateness, lookEveryMs } from './loop-lateness.js';

/** A loop whose turns take as long as the test says. */
class Loop {
  readonly #planned: { readonly dueAtMs: number; readonly action: () => void }[] = [];
  #nowMs = 1_000;

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    this.#planned.push({ dueAtMs: this.#nowMs + delayMs, action });
    return () => undefined;
  }

  get planned(): number {
    return this.#planned.length;
  }

  /** A turn of the loop, at whose end the timers that are due run. */
  turn(tookMs: number): void {
    this.#nowMs += tookMs;
    const due = this.#planned.findIndex(({ dueAtMs }) => dueAtMs <= this.#nowMs);
    if (due >= 0) for (const { action } of this.#planned.splice(due, 1)) action();
  }
}

function watched(isNeeded: () => boolean): { readonly loop: Loop; readonly lateness: LoopLateness } {
  const loop = new Loop();
  const lateness = new LoopLateness(loop, isNeeded);
  lateness.watch();
  return { loop, lateness };
}

describe('the lateness of the event loop', () => {
  it('is how much longer than planned its last turn took, known at the end of that turn', () => {
    const { loop, lateness } = watched(() => true);
    loop.turn(lookEveryMs + 300);
    expect(lateness.lateMs).toBe(300);
    loop.turn(lookEveryMs);
    expect(lateness.lateMs).toBe(0);
  });

  it('is not looked at when nobody needs it, and counts as none', () => {
    let isNeeded = true;
    const { loop, lateness } = watched(() => isNeeded);
    loop.turn(lookEveryMs + 300);
    isNeeded = false;
    loop.turn(lookEveryMs + 300);
    expect([lateness.lateMs, loop.planned]).toEqual([0, 0]);
    isNeeded = true;
    lateness.watch();
    loop.turn(lookEveryMs + 100);
    expect(lateness.lateMs).toBe(100);
  });

  it('is looked at once, however many ask for it', () => {
    const { loop, lateness } = watched(() => true);
    lateness.watch();
    expect(loop.planned).toBe(1);
  });
});
