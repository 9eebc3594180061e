import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { publishWatermarks } from '@ringfence/event-feed/relay/publication';
import { MemoryBroker } from '@ringfence/messaging-memory/memory-broker';
import { MemoryMessageBus } from '@ringfence/messaging-memory/memory-message-bus';
import { RelayedLog } from '@ringfence/testing/relayed-log';
import type { CheckpointStore } from './checkpoint.js';
import { EventConsumer, type RingfenceEvent } from './event-consumer.js';
import { FileCheckpoints } from './file-checkpoints.js';
import { MemoryCheckpoints } from './memory-checkpoints.js';

const topic = 'ringfence.events';
const partitions = 4;
const events = 300;

class Topic extends RelayedLog {
  readonly bus = new MemoryMessageBus(new MemoryBroker());
  readonly errors: unknown[] = [];

  constructor() {
    super(topic, partitions);
  }

  static async of(count: number, change: (message: OutgoingMessage) => readonly OutgoingMessage[] = (each) => [each]) {
    const made = new Topic();
    await made.bus.ensureTopics([
      { name: topic, partitions, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
    ]);
    await made.publish(count, change);
    return made;
  }

  async publish(count: number, change: (message: OutgoingMessage) => readonly OutgoingMessage[] = (each) => [each]) {
    await this.append(count);
    const messages = [...this.nextRecords()].flat();
    await this.bus.publish([...messages.flatMap(change), ...this.watermarks()]);
  }

  /**
   * Publishes as relays of this release do.
   * @returns the moment of the watermarks
   */
  async publishWith(watermarks: string, count: number) {
    await this.append(count);
    const messages = [...this.nextRecords()].flat();
    const timeMs = this.clock.now();
    const origin = { ...this.origin, topic: watermarks };
    await this.bus.publish([...messages, publishWatermarks(origin, this.publication, timeMs)]);
    return timeMs;
  }

  async consume(
    checkpoints: CheckpointStore,
    onEvent: (event: RingfenceEvent) => Promise<void>,
    watermarks: string | null = null,
  ) {
    const { bus, logId } = this;
    const onRetryableError = (cause: unknown) => void this.errors.push(cause);
    return EventConsumer.start({
      bus,
      topic,
      watermarks,
      partitions,
      logId,
      checkpoints,
      begin: 'first',
      onEvent,
      onRetryableError,
    });
  }

  /** Consumes until as many came, or it stopped by itself. */
  async until(count: number, checkpoints: CheckpointStore = new MemoryCheckpoints()) {
    const seen: number[] = [];
    let enough: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (enough = resolve));
    const consumer = await this.consume(checkpoints, (event) => {
      seen.push(event.position);
      if (seen.length >= count) enough();
      return Promise.resolve();
    });
    const failure = await Promise.race([reached.then(() => null), consumer.ended]);
    await consumer.stop();
    return { seen, failure, consumer };
  }
}

const all = Array.from({ length: events }, (_, at) => at);
const ascending = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);

describe('a consumer of events', () => {
  it('hands over each event once, also those that the topic holds twice', async () => {
    const made = await Topic.of(events, (message) => [message, message]);
    const { seen, failure, consumer } = await made.until(events);
    expect(failure).toBeNull();
    expect(ascending(seen)).toEqual(all);
    expect(consumer.handledUntilMs).toBe(made.clock.now());
  });

  it('knows that it has handled everything by what is said of all partitions in a topic of its own, and not before it has', async () => {
    const made = await Topic.of(1);
    const watermarks = 'ringfence.watermarks';
    await made.bus.ensureTopics([
      { name: watermarks, partitions: 1, replicas: { copies: 1, inSyncMin: 1 }, retention: { kind: 'forever' } },
    ]);
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let begun: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const consumer = await made.consume(
      new MemoryCheckpoints(),
      () => {
        begun();
        return held;
      },
      watermarks,
    );
    made.clock.advance(1_000);
    const publishedMs = await made.publishWith(watermarks, 20);
    await hasBegun;
    await new Promise(setImmediate);
    expect(consumer.handledUntilMs).toBeNull();
    goOn();
    while (consumer.handledUntilMs !== publishedMs) await new Promise(setImmediate);
    await consumer.stop();
    expect(made.errors).toEqual([]);
  });

  it('stops and says so where an event is missing', async () => {
    let left = 150;
    const made = await Topic.of(events, (message) => ((left -= 1) === 0 ? [] : [message]));
    const { seen, failure } = await made.until(events);
    expect(failure).toMatchObject({ code: 'feed_gap' });
    expect(seen.length).toBeLessThan(events);
  });

  it('stops and says so at an event that it does not know', async () => {
    const newer = (message: OutgoingMessage): readonly OutgoingMessage[] => {
      const { headers, value } = message;
      if (headers['ce_position'] !== '100') return [message];
      const type = (headers['ce_type'] ?? '').replace(/v\d+$/, 'v99');
      const text = Buffer.from(value)
        .toString()
        .replace(headers['ce_type'] ?? '', type);
      return [{ ...message, headers: { ...headers, ce_type: type }, value: Buffer.from(text) }];
    };
    const made = await Topic.of(events, newer);
    const { seen, failure } = await made.until(events);
    expect(failure).toMatchObject({ code: 'event_version_unknown' });
    expect(seen).not.toContain(100);
  });

  it('has an event again that could not be handled, and those before it not', async () => {
    const made = await Topic.of(events);
    const seen: number[] = [];
    let failures = 0;
    await new Promise<void>((resolve, reject) => {
      made
        .consume(new MemoryCheckpoints(), (event) => {
          if (event.position % 40 === 7 && failures < 4) {
            failures += 1;
            return Promise.reject(new Error('the database is away'));
          }
          seen.push(event.position);
          if (seen.length === events) resolve();
          return Promise.resolve();
        })
        .catch(reject);
    });
    expect(ascending(seen)).toEqual(all);
    expect(failures).toBe(4);
    expect(made.errors).toHaveLength(4);
  });
});

describe('checkpoints in a file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-checkpoints-'));
    path = join(folder, 'deep', 'checkpoints.json');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('let the next process go on where this one was', async () => {
    const made = await Topic.of(events);
    await made.until(events, new FileCheckpoints(path));
    await made.publish(50);
    const { seen } = await made.until(50, new FileCheckpoints(path));
    expect(ascending(seen)).toEqual(Array.from({ length: 50 }, (_, at) => events + at));
  });

  it('that cannot be read, or lie beyond the topic’s end, are a failure and no new beginning', async () => {
    const made = await Topic.of(events);
    await made.until(events, new FileCheckpoints(path));
    const shorter = await Topic.of(5);
    await expect(shorter.until(1, new FileCheckpoints(path))).rejects.toMatchObject({
      code: 'checkpoint_of_other_topic',
    });
    await writeFile(path, (await readFile(path, 'utf8')).replace('nextOffset', 'next'));
    await expect(made.until(1, new FileCheckpoints(path))).rejects.toMatchObject({ code: 'checkpoints_unreadable' });
  });

  it('fail, rather than wait, where no folder can be made for them', async () => {
    for (const place of ['/proc/ringfence/checkpoints.json', '/proc/ringfence/below/checkpoints.json'])
      await expect(
        new FileCheckpoints(place).save('topic', 0, { nextOffset: '1', through: null }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/ENOENT|EACCES/) as unknown });
  });
});
