import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import type { LogId } from '@ringfence/kernel/ids';
import { type Epoch, type Lane, laneOf } from '@ringfence/kernel/lane';
import { type Position, position } from '@ringfence/kernel/units';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { MemoryBroker } from '@ringfence/messaging-memory/memory-broker';
import { MemoryMessageBus } from '@ringfence/messaging-memory/memory-message-bus';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { type PortFault, FaultyProcess } from '@ringfence/testing/faulty-process';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import { GeneratedLog } from '@ringfence/testing/generated-log';
import fc from 'fast-check';
import { watermarkMessage, watermarkType } from '@ringfence/wire/feed/feed-record';
import { injectedOffset } from '@ringfence/wire/feed/watermark-injector';
import { readWatermarks } from '@ringfence/wire/feed/watermarks';
import { InMemoryRelayLeases } from '@ringfence/relay-leases-memory/memory-relay-leases';
import { PartitionReader } from '@ringfence/wire/feed/partition-reader';
import { ownerSilentMs, Relay, watermarkEveryMs } from './relay.js';

const topic = 'ringfence.events';
const watermarks = 'ringfence.watermarks';
const partitions = 4;
type Plan = ConstructorParameters<typeof FaultyProcess>[0];

/** The state that outlives the processes: log, topic and leases; and one time for all. */
class Cluster extends GeneratedLog {
  readonly timers = new FakeTimers(this.clock);
  readonly broker = new MemoryBroker();
  readonly bus = new MemoryMessageBus(this.broker);
  readonly leases = new InMemoryRelayLeases(this.clock);
  readonly notices: string[] = [];
  readonly errors: unknown[] = [];
  readonly #stopping = new AbortController();
  #started = 0;

  static async open(): Promise<Cluster> {
    const cluster = new Cluster();
    const spec = { replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } } as const;
    await cluster.bus.ensureTopics([
      { ...spec, name: topic, partitions },
      { ...spec, name: watermarks, partitions: 1 },
    ]);
    return cluster;
  }

  /** @returns how it ended, once it has */
  start(plan: Plan = () => undefined, store: Parameters<FaultyProcess['store']>[0] = this.store) {
    const owner = `relay-${String((this.#started += 1))}`;
    const process = new FaultyProcess(plan);
    const relay = new Relay({
      store: process.store(store),
      bus: process.bus(this.bus),
      leases: process.leases(this.leases),
      timers: this.timers,
      clock: this.clock,
      topic,
      watermarks,
      partitions,
      logId: this.logId,
      owner,
      host: {
        leading: (epoch, next) => this.notices.push(`${owner} leads in ${String(epoch)} from ${String(next)}`),
        replaced: () => this.notices.push(`${owner} was replaced`),
        published: () => undefined,
        onRetryableError: (cause) => this.errors.push(cause),
      },
    });
    const stopping = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, stopping.signal]);
    const ended = relay.run(signal).then(
      () => 'ended',
      (failure: unknown) => failure,
    );
    return { process, ended, stop: stopping };
  }

  /** Runs a relay until it has published what the log holds. */
  async runOnce(): Promise<void> {
    const { stop, ended } = this.start();
    await this.timers.advance(500);
    stop.abort();
    await ended;
  }

  held(partition: number): readonly BusMessage[] {
    return this.broker.page(topic, partition, 0n, 100_000);
  }

  /** The watermarks of all partitions. */
  get watermarks() {
    return this.broker.page(watermarks, 0, 0n, 100_000).map(readWatermarks);
  }

  /** Reads a partition as a reader does: everything once, in order, or it throws. */
  read(partition: number): { readonly positions: readonly number[]; readonly through: number } {
    const reader = new PartitionReader({ partition, partitions, logId: this.logId }, null);
    const positions: number[] = [];
    for (const message of this.held(partition)) {
      const record = reader.take(message);
      if (record?.kind !== 'event') continue;
      const logged = this.log.events[record.link.position];
      // Byte by byte, which is much faster than what the matcher does.
      if (logged === undefined || !Buffer.from(record.event.bytes).equals(logged.bytes))
        throw new Error(`the topic has other bytes at position ${String(record.link.position)}`);
      expect({ ...record.event, bytes: null }).toEqual({ ...logged, bytes: null });
      positions.push(record.link.position);
    }
    const { logId, epoch, ends, ...watermark } = this.watermarks.at(-1) ?? {};
    if (logId !== undefined && epoch !== undefined && ends !== undefined && 'head' in watermark) {
      const message = watermarkMessage({ topic, logId, epoch }, partition as Lane, ends[partition] ?? null, watermark);
      reader.take({ ...message, partition, offset: injectedOffset });
    }
    return { positions, through: reader.through ?? 0 };
  }

  /** Removes the watermarks, as if no relay of this release had run yet. */
  forgetWatermarks(): void {
    const { first, next } = this.broker.ranges(watermarks)[0] ?? { first: 0n, next: 0n };
    this.broker.trim(watermarks, 0, Number(next - first));
  }

  /** The topic of events is lost, and made again. */
  remakeEvents(): void {
    this.broker.remove(topic);
    this.broker.ensure({
      name: topic,
      partitions,
      replicas: { copies: 1, inSyncMin: 1 },
      retention: { kind: 'forever' },
    });
  }

  logged(partition: number): readonly number[] {
    return this.log.events
      .filter(({ stream }) => laneOf(stream, partitions) === partition)
      .map(({ position }) => position);
  }

  expectWhole(): void {
    for (let partition = 0; partition < partitions; partition += 1) {
      const { positions, through } = this.read(partition);
      expect(positions).toEqual(this.logged(partition));
      expect(through).toBe(this.log.events.length);
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.timers.advance(0);
    await this.bus.close();
  }
}

/** The log an event at a time. */
function oneByOne({ store }: Cluster) {
  return {
    head: () => store.head(),
    readAll: store.readAll.bind(store),
    async *subscribe(from: Position, signal: AbortSignal) {
      for await (const events of store.subscribe(from, signal)) for (const event of events) yield [event];
    },
  };
}

describe('the relay', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await Cluster.open();
    await cluster.append(300);
  });
  afterEach(() => cluster.close());

  it('brings the whole log to the topic, by account and in order, and goes on as it grows', async () => {
    cluster.start();
    await cluster.timers.advance(1_000);
    cluster.expectWhole();
    await cluster.append(700);
    await cluster.timers.advance(watermarkEveryMs);
    cluster.expectWhole();
    expect(cluster.errors).toEqual([]);
  });

  it('writes CloudEvents in binary mode whose values are the very bytes of the log', async () => {
    cluster.start();
    await cluster.timers.advance(0);
    const [, second] = cluster.logged(0);
    const [first, message] = cluster.held(0);
    const event = cluster.log.events[second ?? 0];
    if (event === undefined || message === undefined) throw new Error('too little was published');
    const { id, logId, decidedAtMs } = decodeEvent(event.bytes);
    expect(message.key).toBe(event.stream);
    expect(Buffer.from(message.value).equals(Buffer.from(event.bytes))).toBe(true);
    expect(message.headers).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: `urn:ringfence:${logId}`,
      ce_type: event.type,
      ce_subject: event.subject,
      ce_time: new Date(decidedAtMs).toISOString(),
      ce_position: String(event.position),
      ce_prevposition: first?.headers['ce_position'],
      ce_prevevent: first?.headers['ce_id'],
      ce_stream: event.stream,
      ce_streamversion: String(event.version),
      ce_logid: logId,
      ce_relayepoch: '1',
    });
    expect(first?.headers).not.toHaveProperty('ce_prevposition');
  });

  it('says of all partitions at once how far they are, three times a second while nothing happens, and nothing in the topic of events', async () => {
    cluster.start();
    await cluster.timers.advance(1_100);
    const startedAtMs = cluster.clock.now() - 1_100;
    expect(cluster.watermarks.map(({ head, timeMs }) => [head, timeMs - startedAtMs])).toEqual([
      [300, 0],
      [300, 334],
      [300, 668],
      [300, 1_002],
    ]);
    const ends = [0, 1, 2, 3].map((partition) => cluster.logged(partition).at(-1));
    expect(cluster.watermarks[0]?.ends.map((end) => end?.position)).toEqual(ends);
    const inEvents = [0, 1, 2, 3]
      .flatMap((partition) => cluster.held(partition))
      .map(({ headers }) => headers['ce_type']);
    expect(inEvents).toHaveLength(300);
    expect(inEvents).not.toContain(watermarkType);
    await cluster.timers.advance(10_000);
    expect(cluster.watermarks.length).toBeLessThanOrEqual(4 * 11);
  });

  it('says so right behind what was published, but not for each of many batches', async () => {
    cluster.start();
    await cluster.timers.advance(1_000);
    const before = cluster.watermarks.length;
    await cluster.append(1);
    await cluster.timers.advance(1);
    expect(cluster.watermarks.slice(before).map(({ head }) => head)).toEqual([301]);
    for (let at = 0; at < 20; at += 1) {
      await cluster.append(1);
      await cluster.timers.advance(5);
    }
    expect(cluster.watermarks.length - before).toBeLessThanOrEqual(4);
    await cluster.timers.advance(100);
    expect(cluster.watermarks.at(-1)?.head).toBe(321);
  });

  it('goes on at the last watermark, not where the most idle partition ended', async () => {
    await cluster.runOnce();
    cluster.start();
    await cluster.timers.advance(500);
    expect(cluster.notices).toEqual(['relay-1 leads in 1 from 0', 'relay-2 leads in 2 from 300']);
  });

  it('goes on, with the events before it named, in a partition whose records have gone by their age', async () => {
    await cluster.runOnce();
    const kept = [0, 1, 2, 3].map((partition) => cluster.logged(partition).at(-1));
    for (const partition of [0, 1, 2, 3]) cluster.broker.trim(topic, partition, 100_000);
    await cluster.append(60);
    cluster.start();
    await cluster.timers.advance(500);
    expect(cluster.notices.at(-1)).toBe('relay-2 leads in 2 from 300');
    const follows = [0, 1, 2, 3].map((partition) => cluster.held(partition)[0]?.headers['ce_prevposition']);
    expect(follows).toEqual(kept.map(String));
  });

  it('publishes again what a recreated topic of events lacks, whatever the watermarks of the old one said', async () => {
    await cluster.runOnce();
    cluster.remakeEvents();
    cluster.start();
    await cluster.timers.advance(500);
    expect(cluster.notices.at(-1)).toBe('relay-2 leads in 2 from 0');
    cluster.expectWhole();
  });

  it('goes on behind what the release before it said in each partition', async () => {
    await cluster.runOnce();
    const { logId } = cluster;
    const ends = cluster.watermarks.at(-1)?.ends ?? [];
    const old = ends.map((last, partition) =>
      watermarkMessage({ topic, logId, epoch: 1 as Epoch }, partition as Lane, last, {
        head: position(300),
        timeMs: cluster.clock.now(),
      }),
    );
    await cluster.bus.publish(old);
    cluster.forgetWatermarks();
    cluster.start();
    await cluster.timers.advance(500);
    expect(cluster.notices.at(-1)).toBe('relay-2 leads in 2 from 300');
    cluster.expectWhole();
  });

  it('goes on where the topic ends, and publishes nothing twice when nothing went wrong', async () => {
    await cluster.runOnce();
    await cluster.append(50);
    cluster.start();
    await cluster.timers.advance(watermarkEveryMs);
    cluster.expectWhole();
    expect(cluster.notices).toEqual(['relay-1 leads in 1 from 0', 'relay-2 leads in 2 from 300']);
    const events = [0, 1, 2, 3].flatMap((partition) =>
      cluster.held(partition).filter((each) => each.key !== 'watermark'),
    );
    expect(events).toHaveLength(350);
  });

  it('is one: the others stand by and take over when it dies, or is silent for too long', async () => {
    const first = cluster.start((call) => (call >= 40 ? 'crash before' : undefined));
    cluster.start();
    await cluster.timers.advance(1_000);
    expect(cluster.notices).toEqual(['relay-1 leads in 1 from 0']);
    await cluster.timers.advance(10_000);
    expect(await first.ended).toMatchObject({ code: 'process_died' });
    expect(cluster.notices).toEqual(['relay-1 leads in 1 from 0', 'relay-2 leads in 2 from 300']);
    await cluster.append(10);
    await cluster.timers.advance(watermarkEveryMs);
    cluster.expectWhole();
  });

  it('publishes nothing more after it was paused and replaced', async () => {
    // Stopped before it asks whether the lease is still its own: from there on everything is the work of a replaced
    // owner.
    let stops = 1;
    const paused = cluster.start((call, name) =>
      call > 40 && name === 'check' && (stops -= 1) === 0 ? 'stop' : undefined,
    );
    await cluster.timers.advance(5_000);
    cluster.start();
    await cluster.timers.advance(ownerSilentMs);
    expect(cluster.notices.at(-1)).toBe('relay-2 leads in 2 from 300');
    paused.process.resume();
    await cluster.append(100);
    await cluster.timers.advance(2_000);
    expect(cluster.notices).toContain('relay-1 was replaced');
    const late = [0, 1, 2, 3].flatMap((partition) => {
      const epochs = cluster.held(partition).map(({ headers }) => headers['ce_relayepoch']);
      return epochs.slice(epochs.indexOf('2')).filter((epoch) => epoch !== '2');
    });
    expect(late).toEqual([]);
    cluster.expectWhole();
  });

  it('does not go on behind what a replaced owner brought late: readers drop that', async () => {
    let isLate = false;
    const replaced = cluster.start((_call, name) => (isLate && name === 'publish' ? 'stop' : undefined));
    await cluster.timers.advance(500);
    isLate = true;
    await cluster.append(60);
    await cluster.timers.advance(ownerSilentMs);
    // The next owner publishes one event, is stopped, and then does not hear what became of the second.
    let checks = 0;
    let publications = 0;
    const next = cluster.start((_call, name) => {
      if (name === 'check') return (checks += 1) === 2 ? 'stop' : undefined;
      return name === 'publish' && (publications += 1) === 2 ? 'answer lost' : undefined;
    }, oneByOne(cluster));
    await cluster.timers.advance(500);
    expect(cluster.notices.at(-1)).toBe('relay-2 leads in 2 from 300');
    replaced.process.resume();
    await cluster.timers.advance(0);
    next.process.resume();
    await cluster.timers.advance(1_000);
    await cluster.append(40);
    await cluster.timers.advance(1_000);
    expect(publications).toBeGreaterThan(2);
    cluster.expectWhole();
  });

  it('does not go on behind it either when the owner in between died before it had brought all of that', async () => {
    let isLate = false;
    const replaced = cluster.start((_call, name) => (isLate && name === 'publish' ? 'stop' : undefined));
    await cluster.timers.advance(500);
    isLate = true;
    await cluster.append(60);
    await cluster.timers.advance(ownerSilentMs);
    let checks = 0;
    cluster.start(
      (_call, name) => (name === 'check' && (checks += 1) === 2 ? 'crash before' : undefined),
      oneByOne(cluster),
    );
    await cluster.timers.advance(500);
    expect(cluster.notices.at(-1)).toBe('relay-2 leads in 2 from 300');
    replaced.process.resume();
    await cluster.timers.advance(0);
    cluster.start();
    await cluster.timers.advance(ownerSilentMs + 1_000);
    expect(cluster.notices.at(-1)).toMatch(/^relay-3 leads in 3 /);
    await cluster.append(40);
    await cluster.timers.advance(1_000);
    cluster.expectWhole();
  });

  it('rises above the epochs that the topic remembers and the database does not', async () => {
    const before = await cluster.leases.take({ relay: 'else', owner: 'else', silentMs: 0, above: 41 as Epoch });
    expect(before?.epoch).toBe(42);
    const first = cluster.start();
    await cluster.timers.advance(200);
    first.stop.abort();
    await first.ended;
    await cluster.leases.take({ relay: topic, owner: 'x', silentMs: 0, above: 6 as Epoch });
    const second = cluster.start();
    await cluster.timers.advance(ownerSilentMs + 500);
    second.stop.abort();
    await second.ended;
    const restored = new InMemoryRelayLeases(cluster.clock);
    Object.assign(cluster, { leases: restored });
    await cluster.append(10);
    cluster.start();
    await cluster.timers.advance(200);
    expect(cluster.notices).toEqual([
      'relay-1 leads in 1 from 0',
      'relay-2 leads in 8 from 300',
      'relay-3 leads in 9 from 300',
    ]);
    cluster.expectWhole();
  });

  it('refuses to run when the topic goes beyond the log', async () => {
    await cluster.runOnce();
    cluster.log.events.splice(250);
    const held = cluster.held(0).length;
    const second = cluster.start();
    await cluster.timers.advance(500);
    expect(await second.ended).toMatchObject({
      code: 'log_behind_topic',
      message: expect.stringMatching(/goes up to position 300, and the log's head is 250/),
    });
    expect(cluster.held(0)).toHaveLength(held);
  });

  it('refuses to run when the log was brought back and has gone on in another way', async () => {
    await cluster.runOnce();
    const other = new MemoryLog();
    const otherWay = new GeneratedHistory({ liveCalls: 7 });
    await otherWay.appendTo(new MemoryEventStore(other, cluster.clock), 400);
    cluster.log.events.splice(200, 100, ...other.events.slice(200));
    const second = cluster.start();
    await cluster.timers.advance(500);
    expect(await second.ended).toMatchObject({
      code: 'log_behind_topic',
      message: expect.stringMatching(/the log has another one there/),
    });
  });

  it('notices a single event that is another one than the topic has', async () => {
    await cluster.runOnce();
    const last = cluster.logged(2).at(-1) ?? 0;
    const event = cluster.log.events[last];
    if (event === undefined) throw new Error('partition 2 has no event');
    const text = Buffer.from(event.bytes).toString('latin1');
    const bytes = Buffer.from(text.replace(/"id":"evt_./, '"id":"evt_7'), 'latin1');
    cluster.log.events[last] = { ...event, bytes };
    const second = cluster.start();
    await cluster.timers.advance(500);
    expect(await second.ended).toMatchObject({ code: 'log_behind_topic' });
  });

  it('refuses to run on the topic of another log, or where something else was written', async () => {
    const first = cluster.start();
    await cluster.timers.advance(200);
    first.stop.abort();
    await first.ended;
    await cluster.bus.publish([
      { topic, key: 'k', partition: 2, headers: { 'x-shop': '1' }, value: Buffer.from('{}') },
    ]);
    const second = cluster.start();
    await cluster.timers.advance(200);
    expect(await second.ended).toMatchObject({ code: 'feed_record_malformed' });
    const of = { topic, logId: 'log_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as LogId, epoch: 1 as Epoch };
    const notices = { head: position(300), timeMs: cluster.clock.now() };
    await cluster.bus.publish([watermarkMessage(of, 2 as Lane, null, notices)]);
    const third = cluster.start();
    await cluster.timers.advance(200);
    expect(await third.ended).toMatchObject({ code: 'topic_of_other_log' });
  });
});

describe('relays that die, are stopped and lose answers at any of their calls', () => {
  const fault = fc.constantFrom<PortFault>('crash before', 'crash after', 'stop', 'answer lost', 'done twice');
  const faults = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fault), { maxLength: 4 });
  const planOf = (planned: readonly (readonly [number, PortFault])[]): Plan => {
    const byCall = new Map(planned);
    return (call) => byCall.get(call);
  };
  const step = fc.record({
    events: fc.integer({ min: 0, max: 40 }),
    waitMs: fc.constantFrom(0, 50, 200, 700, 3_500),
    /** Another process starts. */
    starts: fc.option(faults),
    /** Resumes every paused process. */
    goOn: fc.boolean(),
  });

  it('leave every position in the topic, in order within its partition, and a reader reads exactly the log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const cluster = await Cluster.open();
        try {
          await cluster.append(20);
          const running = [];
          for (const { events, waitMs, starts, goOn } of steps) {
            if (starts !== null) running.push(cluster.start(planOf(starts)));
            if (events > 0) await cluster.append(events);
            await cluster.timers.advance(waitMs);
            if (goOn) for (const { process } of running) process.resume();
          }
          for (const { process } of running) process.resume();
          cluster.start();
          // Each of them may take the lease and die with it before the last one has it.
          await cluster.timers.advance((running.length + 1) * (ownerSilentMs + 1_000));
          for (const { process } of running) process.resume();
          await cluster.append(10);
          await cluster.timers.advance(ownerSilentMs + 2_000);
          cluster.expectWhole();
        } finally {
          await cluster.close();
        }
      }),
      { numRuns: 80 },
    );
  });
});
