import { afterEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { nine } from '@ringfence/testing/examples';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { clockStepsMs, SettableClock } from '@ringfence/testing/settable-clock';
import { clockCheckEveryMs, clockOffsetMsMax, LaneClock } from './lane-clock.js';
import { silentLaneMetrics } from './lane-metrics.js';
import { clockStepHeldMs, SteadyClock } from './steady-clock.js';

const running: LaneClock[] = [];

/** A lane's clock on a machine whose clock somebody sets. */
async function lane(store: 'on the same machine' | 'elsewhere') {
  const timers = new FakeTimers();
  const wall = new SettableClock(timers);
  const observed: { aheadMs: number; stampsAheadMs: number }[] = [];
  const metrics = {
    ...silentLaneMetrics,
    clockOffset: (aheadMs: number, stampsAheadMs: number) => observed.push({ aheadMs, stampsAheadMs }),
  };
  const storeClock = store === 'elsewhere' ? new SettableClock(timers) : wall;
  const clock = new LaneClock(
    new SteadyClock(wall, timers),
    timers,
    new MemoryEventStore(new MemoryLog(), storeClock),
    metrics,
  );
  running.push(clock);
  await clock.start();
  return { timers, wall, clock, observed, stamp: () => clock.read().nowMs - nine };
}

afterEach(() => {
  for (const clock of running.splice(0)) clock.stop();
});

describe('the clock of a lane', () => {
  it.each(clockStepsMs)(
    'gives no stamp while its machine is off by %i ms, and the right ones at once when it is not any more',
    async (byMs) => {
      for (const store of ['on the same machine', 'elsewhere'] as const) {
        const { timers, wall, clock, stamp } = await lane(store);
        expect([clock.fault, stamp()]).toEqual([null, 0]);
        wall.setBy(byMs);
        for (let passed = 0; passed < 4_000; passed += 100) {
          expect(clock.fault).toBe('stepped');
          await timers.advance(100);
        }
        wall.setBy(-byMs);
        expect(clock.fault).not.toBe('stepped');
        await timers.advance(0);
        expect([clock.fault, stamp()]).toEqual([null, 4_000]);
      }
    },
  );

  it.each(clockStepsMs)(
    'goes on after a step of %i ms that lasts, by a store that took it too, and by no other',
    async (byMs) => {
      for (const store of ['on the same machine', 'elsewhere'] as const) {
        const { timers, wall, clock } = await lane(store);
        wall.setBy(byMs);
        expect(clock.fault).toBe('stepped');
        await timers.advance(clockStepHeldMs);
        // Whatever the store says: it has not been asked since.
        expect(clock.fault).toBe('off_store');
        await timers.advance(0);
        expect(clock.fault).toBe(store === 'elsewhere' ? 'off_store' : null);
        expect(clock.read().wallMs).toBe(wall.now());
      }
    },
  );

  it.each(clockStepsMs.filter((byMs) => byMs > 2 * clockStepHeldMs))(
    'goes at half speed where it has come to be %i ms ahead, until the wall clock has caught up',
    async (byMs) => {
      const { timers, wall, clock, stamp } = await lane('on the same machine');
      wall.setBy(byMs);
      expect(clock.fault).toBe('stepped');
      await timers.advance(clockStepHeldMs);
      const ahead = stamp();
      expect(ahead).toBe(clockStepHeldMs + byMs);
      wall.setBy(-byMs);
      expect(clock.fault).toBe('stepped');
      await timers.advance(clockStepHeldMs);
      expect(clock.fault).toBe('off_store');
      await timers.advance(0);
      expect(clock.fault).toBeNull();
      // The step back lasted as long as it was held, too.
      const metAfterMs = 2 * (stamp() - 2 * clockStepHeldMs);
      expect(metAfterMs).toBe(2 * (byMs - clockStepHeldMs));
      await timers.advance(metAfterMs / 2);
      expect(stamp()).toBe(ahead + metAfterMs / 4);
      await timers.advance(metAfterMs / 2);
      expect(clock.read().nowMs).toBe(wall.now());
    },
  );

  it('never goes back, and is at the wall clock’s time again after twice the time that it was ahead', async () => {
    const { timers, clock, stamp } = await lane('on the same machine');
    clock.after({ decidedAtMs: addDuration(nine, durationMs(600_000)) });
    expect(clock.read()).toEqual({
      nowMs: nine + 600_000,
      wallMs: nine,
      slow: { sinceMs: nine + 600_000, untilMs: null },
    });
    let last = stamp();
    for (let passed = 0; passed <= 1_200_000; passed += 10_000) {
      expect(stamp()).toBe(600_000 + passed / 2);
      expect(stamp()).toBeGreaterThanOrEqual(last);
      last = stamp();
      expect(clock.dueUpTo() - nine).toBe(600_000 + passed);
      await timers.advance(10_000);
    }
    expect(stamp()).toBe(1_210_000);
    // A timer that was set while stamps were slow is known to be due before its stamp says so.
    expect(clock.read().slow).toEqual({ sinceMs: nine + 600_000, untilMs: nine + 1_200_000 });
    await timers.advance(5 * 3_600_000 + 1);
    expect(clock.read().slow).toBeUndefined();
    expect(clock.dueUpTo()).toBe(clock.read().nowMs);
  });

  it('calls it no slow time when another owner was ahead by as much as clocks of one cluster may differ', async () => {
    const { timers, clock, stamp } = await lane('on the same machine');
    clock.after({ decidedAtMs: addDuration(nine, durationMs(clockOffsetMsMax)) });
    expect(stamp()).toBe(500);
    await timers.advance(500);
    expect([stamp(), clock.read().slow]).toEqual([750, undefined]);
    await timers.advance(500);
    expect(stamp()).toBe(1_000);
  });

  it('reports how far the timestamps are ahead', async () => {
    const { timers, clock, observed } = await lane('on the same machine');
    clock.after({ decidedAtMs: addDuration(nine, durationMs(60_000)) });
    clock.read();
    await timers.advance(clockCheckEveryMs);
    expect(observed).toEqual([
      { aheadMs: 0, stampsAheadMs: 0 },
      { aheadMs: 0, stampsAheadMs: 60_000 - clockCheckEveryMs / 2 },
    ]);
  });
});
