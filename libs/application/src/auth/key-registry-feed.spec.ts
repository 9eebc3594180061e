import { describe, expect, it } from '@jest/globals';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { type Position, position } from '@ringfence/kernel/units';
import type { EventSource } from '@ringfence/projections/event-source';
import { exampleKeyIssued, nine } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { KeyRing } from './key-ring.js';
import { KeyRegistry } from './key-registry.js';
import { KeyRegistryFeed } from './key-registry-feed.js';
import { SecretHasher } from './secret-hasher.js';

const hasher = new SecretHasher(KeyRing.parse(`a:${randomBytes(32).toString('base64')}`, 'P'));

function issuedAt(at: number): RecordedEnvelope {
  const keyId = `key_${String(at).padStart(26, '0')}`;
  const data = { ...exampleKeyIssued(), keyId };
  return { position: position(at), decidedAtMs: nine, data } as unknown as RecordedEnvelope;
}

/** Each subscription plays the next script, then waits for the end. */
class ScriptedSource extends EventEmitter implements EventSource {
  readonly asked: Position[] = [];
  constructor(private readonly scripts: readonly (() => readonly (readonly RecordedEnvelope[])[])[]) {
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

function feedOf(clock: FakeClock, ...scripts: readonly (() => readonly (readonly RecordedEnvelope[])[])[]) {
  const source = new ScriptedSource(scripts);
  const registry = new KeyRegistry(hasher, () => Promise.resolve(position(0)));
  const failures: unknown[] = [];
  const feed = new KeyRegistryFeed(registry, source, clock, (failure) => failures.push(failure));
  return { source, registry, failures, feed };
}

describe('the feed of a key registry', () => {
  it('brings it to the end of the log, and stops when it is told', async () => {
    const { source, registry, feed, failures } = feedOf(new FakeClock(nine), () => [[issuedAt(0), issuedAt(1)], []]);
    const stop = new AbortController();
    const running = feed.run(stop.signal);
    await once(source, 'played');
    expect([registry.keyCount, registry.nextPosition, registry.freshAtMs]).toEqual([2, 2, nine]);
    stop.abort();
    await running;
    expect(failures).toEqual([]);
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

  it('believes a heartbeat that tells of an earlier moment than its own', async () => {
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

  it('goes on from where the registry stands when a subscription breaks, and tells of it', async () => {
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
