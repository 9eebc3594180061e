import { describe, expect, it } from '@jest/globals';
import type { GuardedClock } from '@ringfence/kernel/clock';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { EventSource } from '@ringfence/projections/event-source';
import { exampleKeyIssued, nine } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { SettableClock } from '@ringfence/testing/settable-clock';
import { clockStepHeldMs, SteadyClock } from '@ringfence/lanes/steady-clock';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { KeyRegistry } from './key-registry.js';
import { KeyRegistryFeed } from './key-registry-feed.js';
import { SecretHasher } from './secret-hasher.js';

const hasher = new SecretHasher(KeyRing.parse(`a:${randomBytes(32).toString('base64')}`, 'P'));

function issuedAt(at: number, decidedAtMs = nine): RecordedEnvelope {
  const keyId = `key_${String(at).padStart(26, '0')}`;
  const data = { ...exampleKeyIssued(), keyId };
  return { position: position(at), decidedAtMs, data } as unknown as RecordedEnvelope;
}

type Script = () => Iterable<readonly RecordedEnvelope[]>;

/** Each subscription plays the next script, then waits for the end. */
class ScriptedSource extends EventEmitter implements EventSource {
  readonly asked: Position[] = [];
  constructor(private readonly scripts: readonly Script[]) {
    super();
  }

  async *subscribe(from: Position, signal: AbortSignal): AsyncGenerator<readonly RecordedEnvelope[]> {
    const script = this.scripts[this.asked.length];
    this.asked.push(from);
    if (script !== undefined) yield* script();
    this.emit('played', this.asked.length);
    if (!signal.aborted) await once(signal, 'abort');
  }
}

function feedOf(clock: GuardedClock, ...scripts: readonly Script[]) {
  const source = new ScriptedSource(scripts);
  const registry = new KeyRegistry(hasher, () => Promise.resolve(position(0)));
  const failures: unknown[] = [];
  const feed = new KeyRegistryFeed(registry, source, clock, (failure) => failures.push(failure));
  return { source, registry, failures, feed };
}

describe('the feed of a key registry', () => {
  it('brings it to the end of the log, and stops when it is asked to', async () => {
    const { source, registry, feed, failures } = feedOf(new FakeClock(nine), () => [[issuedAt(0), issuedAt(1)], []]);
    const stop = new AbortController();
    const running = feed.run(stop.signal);
    await once(source, 'played');
    expect([registry.keyCount, registry.nextPosition, registry.freshAtMs]).toEqual([2, 2, nine]);
    stop.abort();
    await running;
    expect(failures).toEqual([]);
  });

  it('is not taken for fresh by a clock that went back as far as the process was stopped', async () => {
    const timers = new FakeTimers();
    const wall = new SettableClock(timers);
    const clock = new SteadyClock(wall, timers);
    const { source, registry, feed } = feedOf(clock, () => [[issuedAt(0, clock.now())], []]);
    const stop = new AbortController();
    const running = feed.run(stop.signal);
    await once(source, 'played');
    const pausedMs = clockStepHeldMs;
    wall.setBy(-pausedMs);
    expect(registry.isFresh(clock.now())).toBe(true);
    await timers.advance(pausedMs);
    // The first to look is a request that wants to be admitted.
    const nowMs = clock.now();
    expect([nowMs - nine, registry.isFresh(nowMs)]).toEqual([0, false]);
    stop.abort();
    await running;
  });

  it('takes news for no younger than the asking: the process may have been stopped before it read them', async () => {
    const clock = new FakeClock(nine);
    const stopped = () => {
      clock.advance(5_000);
      return [[]];
    };
    const { source, registry, feed } = feedOf(clock, stopped);
    const stop = new AbortController();
    const running = feed.run(stop.signal);
    await once(source, 'played');
    expect(registry.freshAtMs).toBe(nine);
    stop.abort();
    await running;
  });

  it('believes a heartbeat that states an earlier moment than its own', async () => {
    const clock = new FakeClock(nine);
    clock.advance(1_000);
    const { source, registry, feed } = feedOf(clock, () => [[issuedAt(0)], []]);
    Object.assign(source, { seenAllAtMs: () => nine + 250 });
    const stop = new AbortController();
    const running = feed.run(stop.signal);
    await once(source, 'played');
    expect(registry.freshAtMs).toBe(nine + 250);
    stop.abort();
    await running;
  });

  it.each([1_000, 600_000, 86_400_000])(
    'is fresh by the new time alone when the clock was set back by %i ms',
    async (byMs) => {
      const clock = new FakeClock(nine);
      const fresh: boolean[] = [];
      const { source, registry, feed } = feedOf(clock, function* () {
        yield [];
        fresh.push(registry.isFresh(clock.now()));
        clock.set(epochMs(nine - byMs));
        // This was asked for by the old time, and says nothing of the new one but where the two are nearly the same.
        yield [];
        fresh.push(registry.isFresh(clock.now()) === byMs <= 1_000);
        yield [];
        fresh.push(registry.isFresh(clock.now()));
        clock.advance(2_001);
        fresh.push(registry.isFresh(clock.now()));
        yield [];
        clock.advance(2_000);
        fresh.push(registry.isFresh(clock.now()));
      });
      const stop = new AbortController();
      const running = feed.run(stop.signal);
      await once(source, 'played');
      expect(fresh).toEqual([true, true, true, false, false]);
      stop.abort();
      await running;
    },
  );

  it('does not admit by a moment that is still to come', () => {
    const { registry } = feedOf(new FakeClock(nine));
    registry.apply([], nine);
    expect(registry.isFresh(nine)).toBe(true);
    expect(registry.isFresh(epochMs(nine - 600_000))).toBe(false);
  });

  it('takes events whose stamps are ahead of the clock for no younger than they are', async () => {
    const clock = new FakeClock(nine);
    const stampedAhead = (decidedAtMs: number, aheadMs: number): EpochMs => epochMs(decidedAtMs + aheadMs);
    const freshAtMs: number[] = [];
    const { source, registry, feed } = feedOf(clock, function* () {
      // Decided just now, and stamped ten minutes ahead.
      yield [issuedAt(0, stampedAhead(nine, 600_000))];
      freshAtMs.push(registry.freshAtMs);
      clock.advance(20_000);
      yield [issuedAt(1, stampedAhead(nine, 600_000))];
      // By now stamps are 10 s less ahead. This was decided 3 s ago, and has only come now.
      yield [issuedAt(2, stampedAhead(nine + 17_000, 591_500))];
      freshAtMs.push(registry.freshAtMs);
    });
    const stop = new AbortController();
    const running = feed.run(stop.signal);
    await once(source, 'played');
    expect(freshAtMs[0]).toBe(nine);
    expect(freshAtMs[1]).toBeGreaterThan(nine + 17_000 - 3_000);
    expect(freshAtMs[1]).toBeLessThan(nine + 19_000);
    stop.abort();
    await running;
  });

  it('goes on from where the registry is when a subscription breaks, and reports it', async () => {
    const broken = new Error('connection lost');
    const { source, registry, feed, failures } = feedOf(
      new FakeClock(nine),
      () => {
        registry.apply([issuedAt(0)], nine);
        throw broken;
      },
      () => [[issuedAt(1)], []],
    );
    const stop = new AbortController();
    const running = feed.run(stop.signal);
    await once(source, 'played');
    expect(source.asked).toEqual([0, 1]);
    expect(registry.keyCount).toBe(2);
    expect(failures).toEqual([broken]);
    stop.abort();
    await running;
  });
});
