import { describe, expect, it } from '@jest/globals';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { InMemoryRelayLeases } from '@ringfence/relay-leases-memory/memory-relay-leases';
import { Failure } from '@ringfence/kernel/failure';
import type { Epoch } from '@ringfence/kernel/lane';
import type { Timers } from '@ringfence/kernel/timers';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { pino } from 'pino';
import { runWhileLeader } from './leader-election.js';

const log = pino({ level: 'silent' });
const unreadable = new Failure('event_version_unknown', 'a newer release has written this', false);
const leaseLost = new Failure('reactor_lease_lost', 'another owner has it', false);
const away = new Failure('event_store_unavailable', 'away', true);

/** A process that says when it begins to play, when it has stopped, and what it says of its reactor. */
class Process {
  #begun: () => void = () => undefined;
  readonly plays = new Promise<void>((resolve) => (this.#begun = resolve));
  readonly stop: () => Promise<void>;
  /** What its reactor has to say. */
  reactor: ReactorHost = { stopped: () => undefined, onRetryableError: () => undefined };
  /** Its beginning fails with this. */
  fails: Failure | undefined;

  constructor(leases: InMemoryRelayLeases, owner: string, told: string[], timers: Timers = systemTimers) {
    const host: ReactorHost = {
      stopped: (reactor) => told.push(`${owner} stands still: ${reactor}`),
      onRetryableError: () => told.push(`${owner} met trouble`),
    };
    this.stop = runWhileLeader('part', { owner, timers, log }, leases, host, (reactor) => {
      if (this.fails !== undefined) return Promise.reject(this.fails);
      told.push(`${owner} plays`);
      this.reactor = reactor;
      this.#begun();
      return Promise.resolve({
        stop: () => {
          told.push(`${owner} stopped`);
          return Promise.resolve();
        },
      });
    }).stop;
  }
}

describe('a part that one process plays at a time', () => {
  it('goes over to another one when its player ends, and never has two', async () => {
    const told: string[] = [];
    const leases = new InMemoryRelayLeases(new FakeClock());
    const first = new Process(leases, 'first', told);
    await first.plays;
    const second = new Process(leases, 'second', told);
    await first.stop();
    await second.plays;
    await second.stop();
    expect(told).toEqual(['first plays', 'first stopped', 'second plays', 'second stopped']);
  });

  it('is given up by a player that was taken for dead', async () => {
    const told: string[] = [];
    const clock = new FakeClock();
    const leases = new InMemoryRelayLeases(clock);
    const paused = new Process(leases, 'paused', told);
    await paused.plays;
    clock.advance(60_000);
    const taken = await leases.take({ relay: 'part', owner: 'other', silentMs: 5_000, above: 0 as Epoch });
    expect(taken).not.toBeNull();
    while (!told.includes('paused stopped')) await new Promise(setImmediate);
    await paused.stop();
    expect(told).toEqual(['paused plays', 'paused stopped']);
  });
});

describe('a part whose reactor stands still', () => {
  function cluster() {
    const told: string[] = [];
    const clock = new FakeClock();
    const timers = new FakeTimers(clock);
    const leases = new InMemoryRelayLeases(clock);
    return { told, timers, process: (owner: string) => new Process(leases, owner, told, timers) };
  }

  it('goes over to a process that can play it, though its player lives, and never comes back to that one', async () => {
    const { told, timers, process } = cluster();
    const old = process('old');
    await timers.advance(0);
    const next = process('next');
    await timers.advance(1_000);
    old.reactor.stopped('carrier', unreadable);
    await timers.advance(1_000);
    expect(told).toEqual(['old plays', 'old stands still: carrier', 'old stopped', 'next plays']);
    await next.stop();
    await timers.advance(60_000);
    expect(told.slice(4)).toEqual(['next stopped']);
    await old.stop();
  });

  it('is not held by a process that cannot even begin', async () => {
    const { told, timers, process } = cluster();
    const old = process('old');
    old.fails = unreadable;
    await timers.advance(0);
    const next = process('next');
    await timers.advance(1_000);
    expect(told).toEqual(['old stands still: part', 'next plays']);
    await old.stop();
    await next.stop();
  });

  it('is begun again by itself when the beginning failed for what goes away', async () => {
    const { told, timers, process } = cluster();
    const only = process('only');
    only.fails = away;
    await timers.advance(1_000);
    expect(told).toEqual([]);
    only.fails = undefined;
    await timers.advance(1_000);
    expect(told).toEqual(['only plays']);
    await only.stop();
  });

  it('is played again by who lost it to another process: nothing is wrong with that one', async () => {
    const { told, timers, process } = cluster();
    const paused = process('paused');
    await timers.advance(1_000);
    paused.reactor.stopped('carrier', leaseLost);
    await timers.advance(1_000);
    expect(told).toEqual(['paused plays', 'paused stopped', 'paused plays']);
    await paused.stop();
  });

  it('tells of trouble as it is told', async () => {
    const { told, timers, process } = cluster();
    const only = process('only');
    await timers.advance(0);
    only.reactor.onRetryableError('carrier', away);
    await timers.advance(60_000);
    expect(told).toEqual(['only plays', 'only met trouble']);
    await only.stop();
  });
});
