import { describe, expect, it } from '@jest/globals';
import { nine } from '@ringfence/testing/examples';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { clockStepsMs, SettableClock } from '@ringfence/testing/settable-clock';
import { clockStepHeldMs, clockStepMsMin, type ClockNews, SteadyClock } from './steady-clock.js';

function machine() {
  const timers = new FakeTimers();
  const wall = new SettableClock(timers);
  const news: ClockNews[] = [];
  const clock = new SteadyClock(wall, timers, (change) => news.push(change));
  const sinceNine = () => clock.now() - nine;
  return { timers, wall, news, clock, sinceNine };
}

describe('a steady clock', () => {
  it.each(clockStepsMs)(
    'goes on evenly past a step of %i ms that is put right again, and says so meanwhile',
    async (byMs) => {
      const { timers, wall, news, clock, sinceNine } = machine();
      await timers.advance(1_000);
      wall.setBy(byMs);
      for (let passed = 0; passed < clockStepHeldMs; passed += 500) {
        expect(sinceNine()).toBe(1_000 + passed);
        expect(clock.stepMs).toBe(byMs);
        await timers.advance(500);
      }
      wall.setBy(-byMs);
      expect(clock.stepMs).toBeNull();
      expect(sinceNine()).toBe(11_000);
      expect(news).toEqual([
        { kind: 'stepped', byMs },
        { kind: 'gone', byMs },
      ]);
    },
  );

  it.each(clockStepsMs)('follows a step of %i ms that has lasted', async (byMs) => {
    const { timers, wall, news, clock } = machine();
    wall.setBy(byMs);
    expect(clock.stepMs).toBe(byMs);
    await timers.advance(clockStepHeldMs - 1);
    expect([clock.now() - nine, clock.stepMs]).toEqual([clockStepHeldMs - 1, byMs]);
    await timers.advance(1);
    expect(clock.stepMs).toBeNull();
    expect(clock.now()).toBe(wall.now());
    expect(news).toEqual([
      { kind: 'stepped', byMs },
      { kind: 'taken_over', byMs },
    ]);
  });

  it('counts the time that a step has lasted from the start when the clock is set once more', async () => {
    const { timers, wall, clock, sinceNine } = machine();
    wall.setBy(600_000);
    expect(clock.stepMs).toBe(600_000);
    await timers.advance(9_000);
    wall.setBy(2_000);
    expect(clock.stepMs).toBe(602_000);
    await timers.advance(clockStepHeldMs - 1);
    expect(sinceNine()).toBe(9_000 + clockStepHeldMs - 1);
    await timers.advance(1);
    expect(sinceNine()).toBe(9_000 + clockStepHeldMs + 602_000);
  });

  it('takes no small difference for a step, and comes back to the wall clock little by little', async () => {
    const { timers, wall, news, clock, sinceNine } = machine();
    wall.setBy(clockStepMsMin);
    expect([clock.stepMs, sinceNine()]).toEqual([null, 0]);
    await timers.advance(100_000);
    expect(sinceNine()).toBe(100_000 + 100);
    await timers.advance(400_000);
    expect(clock.now()).toBe(wall.now());
    expect(news).toEqual([]);
  });

  it('takes no drift for a step, however long it goes on', async () => {
    const { timers, wall, news, clock } = machine();
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      await timers.advance(60_000);
      wall.setBy(-30); // as NTP slews a clock
      expect(Math.abs(clock.now() - wall.now())).toBeLessThan(100);
    }
    expect(news).toEqual([]);
  });

  it('sees no step in a process that is stopped between the two readings', () => {
    const timers = { nowMs: 0, monotonicMs: () => timers.nowMs };
    const machineClock = new SettableClock(timers);
    let stoppedForMs = 0;
    const wall = {
      now: () => {
        timers.nowMs += stoppedForMs;
        return machineClock.now();
      },
    };
    const news: ClockNews[] = [];
    const clock = new SteadyClock(wall, timers, (change) => news.push(change));
    stoppedForMs = 60_000;
    expect(clock.now() - nine).toBe(60_000);
    stoppedForMs = 0;
    timers.nowMs += 5;
    expect(clock.now() - nine).toBe(60_005);
    expect(news).toEqual([]);
  });
});
