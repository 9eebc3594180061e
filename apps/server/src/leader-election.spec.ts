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
import { ServerLog } from './telemetry/server-log.js';

const log = new ServerLog(pino({ level: 'silent' }));
const unreadable = new Failure('event_version_unknown', 'a newer release has written this', false);
const leaseLost = new Failure('reactor_lease_lost', 'another owner has it', false);
const away = new Failure('event_store_unavailable', 'away', true);

/** A process that records when it leads, when it has stopped, and what its reactor reports. */
class Process {
  #begun: () => void = () => undefined;
  readonly leads = new Promise<void>((resolve) => (this.#begun = resolve));
  readonly stop: () => Promise<void>;
  /** The host that its reactor reports to. */
  reactor: ReactorHost = { stopped: () => undefined, onRetryableError: () => undefined };
  /** The failure of its start. */
  fails: Failure | undefined;

  constructor(leases: InMemoryRelayLeases, owner: string, events: string[], timers: Timers = systemTimers) {
    const host: ReactorHost = {
      stopped: (reactor) => events.push(`${owner} has stopped: ${reactor}`),
      onRetryableError: () => events.push(`${owner} retries`),
    };
    this.stop = runWhileLeader('duty', { owner, timers, log }, leases, host, (reactor) => {
      if (this.fails !== undefined) return Promise.reject(this.fails);
      events.push(`${owner} leads`);
      this.reactor = reactor;
      this.#begun();
      return Promise.resolve({
        stop: () => {
          events.push(`${owner} stopped`);
          return Promise.resolve();
        },
      });
    }).stop;
  }
}

describe('a duty with one leader at a time', () => {
  it('goes to another process when its leader ends, and never has two leaders', async () => {
    const events: string[] = [];
    const leases = new InMemoryRelayLeases(new FakeClock());
    const first = new Process(leases, 'first', events);
    await first.leads;
    const second = new Process(leases, 'second', events);
    await first.stop();
    await second.leads;
    await second.stop();
    expect(events).toEqual(['first leads', 'first stopped', 'second leads', 'second stopped']);
  });

  it('is given up by a leader that was presumed dead', async () => {
    const events: string[] = [];
    const clock = new FakeClock();
    const leases = new InMemoryRelayLeases(clock);
    const paused = new Process(leases, 'paused', events);
    await paused.leads;
    clock.advance(60_000);
    const taken = await leases.take({ relay: 'duty', owner: 'other', silentMs: 5_000, above: 0 as Epoch });
    expect(taken).not.toBeNull();
    while (!events.includes('paused stopped')) await new Promise(setImmediate);
    await paused.stop();
    expect(events).toEqual(['paused leads', 'paused stopped']);
  });
});

describe('a duty whose reactor has stopped', () => {
  function cluster() {
    const events: string[] = [];
    const clock = new FakeClock();
    const timers = new FakeTimers(clock);
    const leases = new InMemoryRelayLeases(clock);
    return { events, timers, process: (owner: string) => new Process(leases, owner, events, timers) };
  }

  it('goes to a process that can run it, though its leader lives, and never comes back to that one', async () => {
    const { events, timers, process } = cluster();
    const old = process('old');
    await timers.advance(0);
    const next = process('next');
    await timers.advance(1_000);
    old.reactor.stopped('carrier', unreadable);
    await timers.advance(1_000);
    expect(events).toEqual(['old leads', 'old has stopped: carrier', 'old stopped', 'next leads']);
    await next.stop();
    await timers.advance(60_000);
    expect(events.slice(4)).toEqual(['next stopped']);
    await old.stop();
  });

  it('is not held by a process that cannot even start it', async () => {
    const { events, timers, process } = cluster();
    const old = process('old');
    old.fails = unreadable;
    await timers.advance(0);
    const next = process('next');
    await timers.advance(1_000);
    expect(events).toEqual(['old has stopped: duty', 'next leads']);
    await old.stop();
    await next.stop();
  });

  it('is started again when its start failed for a retryable reason', async () => {
    const { events, timers, process } = cluster();
    const only = process('only');
    only.fails = away;
    await timers.advance(1_000);
    expect(events).toEqual([]);
    only.fails = undefined;
    await timers.advance(1_000);
    expect(events).toEqual(['only leads']);
    await only.stop();
  });

  it('may return to a process that lost it to another one, because that process is healthy', async () => {
    const { events, timers, process } = cluster();
    const paused = process('paused');
    await timers.advance(1_000);
    paused.reactor.stopped('carrier', leaseLost);
    await timers.advance(1_000);
    expect(events).toEqual(['paused leads', 'paused stopped', 'paused leads']);
    await paused.stop();
  });

  it('reports a retryable error as its reactor does', async () => {
    const { events, timers, process } = cluster();
    const only = process('only');
    await timers.advance(0);
    only.reactor.onRetryableError('carrier', away);
    await timers.advance(60_000);
    expect(events).toEqual(['only leads', 'only retries']);
    await only.stop();
  });
});
