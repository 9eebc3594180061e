import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import { InMemoryRelayLeases } from '@ringfence/relay-leases-memory/memory-relay-leases';
import { PartitionReader } from '@ringfence/wire/feed/partition-reader';
import { Relay } from '@ringfence/event-feed/relay/relay';
import { TopicEventSource } from '@ringfence/event-feed/relay/topic-event-source';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { decodeEvent, decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { Clock } from '@ringfence/kernel/clock';
import type { LogId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { type EpochMs, position } from '@ringfence/kernel/units';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { followWatermarked } from '@ringfence/wire/feed/watermarked';
import type { Following, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import { FaultyProcess } from '@ringfence/testing/faulty-process';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import { itUnless } from '@ringfence/testing/it-unless';
import { ownKafka } from '@ringfence/testing/kafka/broker-chain';
import { whyNoBrokerOfOnesOwn } from '@ringfence/testing/kafka/broker-of-ones-own';
import type { OwnKafka } from '@ringfence/testing/kafka/test-kafka';
import { KafkaMessageBus } from './kafka-message-bus.js';

const topic = 'relay.events';
const partitions = 8;
const clock: Clock = { now: () => Date.now() as EpochMs };

const it = itUnless(await whyNoBrokerOfOnesOwn());

let broker: OwnKafka;
beforeAll(async () => {
  broker = await ownKafka();
}, 300_000);
afterAll(() => broker.discard(), 60_000);

const log = new MemoryLog();
const store = new MemoryEventStore(log, clock);
const history = new GeneratedHistory({ accounts: 100 });
const leases = new InMemoryRelayLeases(clock);
const buses: KafkaMessageBus[] = [];
const stopping = new AbortController();
afterEach(async () => {
  stopping.abort();
  for (const bus of buses.splice(0)) await bus.close();
}, 60_000);

function openBus(): KafkaMessageBus {
  const bus = new KafkaMessageBus({ brokers: broker.brokers, clientId: `relay-${String(buses.length)}` });
  buses.push(bus);
  return bus;
}

function logId(): LogId {
  const [first] = log.events;
  if (first === undefined) throw new Error('the log is empty');
  return decodeEvent(first.bytes).logId;
}

/** @param diesAtPublication the process is no more once this publication has arrived; its answer never does */
function startRelay(owner: string, diesAtPublication = Number.POSITIVE_INFINITY) {
  let publications = 0;
  const process = new FaultyProcess((_call, name) =>
    name === 'publish' && (publications += 1) === diesAtPublication ? 'crash after' : undefined,
  );
  const leading: number[] = [];
  const relay = new Relay({
    store: process.store(store),
    bus: process.bus(openBus()),
    leases: process.leases(leases),
    timers: systemTimers,
    clock,
    topic,
    watermarks: `${topic}.watermarks`,
    partitions,
    logId: logId(),
    owner,
    host: {
      leading: (_epoch, next) => leading.push(next),
      replaced: () => undefined,
      published: () => undefined,
      onRetryableError: () => undefined,
    },
  });
  const ended = relay.run(stopping.signal).then(
    () => 'ended',
    (failure: unknown) => failure,
  );
  return { ended, leading };
}

/** Reads until every partition is as far as the log. */
async function readTopic(bus: KafkaMessageBus) {
  const readers = Array.from({ length: partitions }, (_, partition) => ({
    reader: new PartitionReader({ partition, partitions, logId: logId() }, null),
    positions: new Array<number>(),
  }));
  let failure: unknown;
  let done: () => void = () => undefined;
  const whole = new Promise<void>((resolve) => {
    done = resolve;
  });
  const take = (partition: number, messages: readonly BusMessage[]): void => {
    const into = readers[partition];
    for (const message of messages) {
      const record = into?.reader.take(message);
      if (record?.kind === 'event') into?.positions.push(record.link.position);
    }
    if (readers.every(({ reader }) => (reader.through ?? 0) >= log.events.length)) done();
  };
  const following: Following = {
    topic,
    from: new Map(readers.map((_, partition): [number, ReadFrom] => [partition, 'first'])),
    onMessages: (partition, messages) => {
      try {
        take(partition, messages);
      } catch (thrown) {
        failure ??= thrown;
        done();
      }
      return Promise.resolve();
    },
    onRetryableError: () => undefined,
  };
  const source = { topic: `${topic}.watermarks`, pause: () => Promise.resolve() };
  const membership = await followWatermarked(bus, following, source, () => false);
  await whole;
  await membership.leave();
  if (failure !== undefined) throw new Error('the topic cannot be read', { cause: failure });
  return readers.map(({ positions }) => positions);
}

describe('the relay on Apache Kafka', () => {
  it('leaves the whole log in the topic though it dies, and a reader goes on without broker and with it again', async () => {
    await openBus().ensureTopics([
      { name: topic, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
      {
        name: `${topic}.watermarks`,
        partitions: 1,
        replicas: { copies: 1, inSyncMin: 1 },
        retention: { kind: 'forever' },
      },
    ]);
    await history.appendTo(store, 8_000);
    const first = startRelay('first', 2);
    expect(await first.ended).toMatchObject({ code: 'process_died' });
    const second = startRelay('second', 12);
    await history.appendTo(store, 500);
    expect(await second.ended).toMatchObject({ code: 'process_died' });
    const third = startRelay('third');
    await history.appendTo(store, 500);

    const positions = await readTopic(openBus());
    for (const [partition, read] of positions.entries()) {
      const logged = log.events.filter(({ stream }) => laneOf(stream, partitions) === partition);
      expect(read).toEqual(logged.map((event) => event.position));
    }
    // The second and third went on where the topic ended, not at the beginning.
    expect([first.leading[0], second.leading[0] !== 0, third.leading[0] !== 0]).toEqual([0, true, true]);

    const readings: string[] = [];
    const source = new TopicEventSource({
      bus: openBus(),
      topic,
      watermarks: `${topic}.watermarks`,
      partitions,
      logId: logId(),
      log: { read: (from, limit) => Promise.resolve(log.events.slice(from, from + limit).map(decodeRecorded)) },
      clock,
      timers: systemTimers,
      onRetryableError: () => undefined,
      onReading: (reading) => readings.push(reading),
    });
    const seen: number[] = [];
    /** Actions to run when the source first reads from a place. */
    const then = new Map<number, () => Promise<void>>([
      [2, async () => broker.kill()],
      [3, async () => history.appendTo(store, 100).then(() => broker.restart())],
      [4, async () => history.appendTo(store, 100)],
    ]);
    for await (const batch of source.subscribe(position(8_900), stopping.signal)) {
      seen.push(...batch.map((event) => event.position));
      const act = then.get(readings.length);
      then.delete(readings.length);
      await act?.();
      if (then.size === 0 && seen.at(-1) === log.events.length - 1) break;
    }
    expect(seen).toEqual(log.events.slice(8_900).map((event) => event.position));
    expect(readings.slice(0, 4)).toEqual(['log', 'topic', 'log', 'topic']);
    expect(log.events).toHaveLength(9_200);
  }, 120_000);
});
