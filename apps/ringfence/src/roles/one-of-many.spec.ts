import { describe, expect, it } from '@jest/globals';
import { systemTimers } from '@ringfence/application/lane/system-timers';
import { InMemoryRelayLeases } from '@ringfence/application/relay/in-memory-relay-leases';
import type { Epoch } from '@ringfence/kernel/lane';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { pino } from 'pino';
import { playWhenOurs } from './one-of-many.js';

const log = pino({ level: 'silent' });

/** A process that says when it begins to play and when it has stopped. */
function processOn(leases: InMemoryRelayLeases, owner: string, told: string[]) {
  let begun: () => void = () => undefined;
  const plays = new Promise<void>((resolve) => (begun = resolve));
  const { stop } = playWhenOurs('part', { owner, timers: systemTimers, log }, leases, () => {
    told.push(`${owner} plays`);
    begun();
    return Promise.resolve({
      stop: () => {
        told.push(`${owner} stopped`);
        return Promise.resolve();
      },
    });
  });
  return { plays, stop };
}

describe('a part that one process plays at a time', () => {
  it('goes over to another one when its player ends, and never has two', async () => {
    const told: string[] = [];
    const leases = new InMemoryRelayLeases(new FakeClock());
    const first = processOn(leases, 'first', told);
    await first.plays;
    const second = processOn(leases, 'second', told);
    await first.stop();
    await second.plays;
    await second.stop();
    expect(told).toEqual(['first plays', 'first stopped', 'second plays', 'second stopped']);
  });

  it('is given up by a player that was taken for dead', async () => {
    const told: string[] = [];
    const clock = new FakeClock();
    const leases = new InMemoryRelayLeases(clock);
    const paused = processOn(leases, 'paused', told);
    await paused.plays;
    clock.advance(60_000);
    const taken = await leases.take({ relay: 'part', owner: 'other', silentMs: 5_000, above: 0 as Epoch });
    expect(taken).not.toBeNull();
    while (!told.includes('paused stopped')) await new Promise(setImmediate);
    await paused.stop();
    expect(told).toEqual(['paused plays', 'paused stopped']);
  });
});
