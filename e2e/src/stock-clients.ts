import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import kafkajs, { type Consumer, type Producer } from 'kafkajs';
import type { SignedRecord } from './outside-client.js';

const run = promisify(execFile);
const waitMs = 200;
const within = 90_000;

export type ReadRecord = {
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
};

/** Short fetch waits: a topic that gets a watermark every 200 ms would never be at its end for a longer one. */
const impatient = ['-X', 'fetch.wait.max.ms=10'];

/** kcat (librdkafka), as Debian packages it. */
export class Kcat {
  private constructor(private readonly brokers: string) {}

  /** @throws Error that says what to install */
  static async find(brokers: readonly string[]): Promise<Kcat> {
    await run('kcat', ['-V']).catch(() => {
      throw new Error('kcat is missing: apt-get install kcat (the end-to-end tests publish and read with it)');
    });
    return new Kcat(brokers.join(','));
  }

  /** Publishes to the partition selected by librdkafka's own hash of the key. */
  async publish(topic: string, { key, value, headers }: SignedRecord): Promise<void> {
    const named = Object.entries(headers).flatMap(([name, text]) => ['-H', `${name}=${text}`]);
    const child = spawn('kcat', ['-P', '-b', this.brokers, '-t', topic, '-k', key, ...named], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stdin.end(value);
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`kcat could not publish: ${output}`);
  }

  /**
   * Reads the current contents of a topic.
   * @param partition undefined: all of them
   */
  async read(topic: string, partition?: number): Promise<readonly ReadRecord[]> {
    const which = partition === undefined ? [] : ['-p', String(partition)];
    const { stdout } = await run(
      'kcat',
      ['-C', '-b', this.brokers, '-t', topic, ...which, '-o', 'beginning', '-e', '-q', '-J', ...impatient],
      { maxBuffer: 64_000_000 },
    );
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => {
      const record = JSON.parse(line) as { partition: number; headers?: string[]; payload: string | null };
      const flat = record.headers ?? [];
      const pairs = flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []));
      return {
        partition: record.partition,
        headers: Object.fromEntries(pairs) as Record<string, string>,
        value: record.payload ?? '',
      };
    });
  }
}

type TopicRecord = ReadRecord & { readonly topic: string };

/** kafkajs, with a producer and a reader of some topics from their beginnings. */
export class Kafkajs {
  /** Records without watermarks, of which there is no end. */
  readonly #seen: TopicRecord[] = [];
  readonly #listeners = new Set<(record: TopicRecord) => void>();

  private constructor(
    private readonly producer: Producer,
    private readonly consumer: Consumer,
  ) {}

  static async connect(brokers: readonly string[], group: string, topics: readonly string[]): Promise<Kafkajs> {
    const kafka = new kafkajs.Kafka({ clientId: 'orders', brokers: [...brokers], logLevel: kafkajs.logLevel.ERROR });
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    const consumer = kafka.consumer({ groupId: group });
    const client = new Kafkajs(producer, consumer);
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ topic, partition, message }) => {
        const headers = Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)]);
        const record = {
          topic,
          partition,
          headers: Object.fromEntries(headers) as Record<string, string>,
          value: String(message.value),
        };
        if (!(record.headers['ce_type'] ?? '').startsWith('ringfence.feed.')) client.#seen.push(record);
        for (const listener of client.#listeners) listener(record);
        return Promise.resolve();
      },
    });
    return client;
  }

  async publish(topic: string, { key, value, headers }: SignedRecord): Promise<void> {
    await this.producer.send({ topic, messages: [{ key, value, headers: { ...headers } }] });
  }

  /** Returns all records read so far. */
  seenOf(topic: string): readonly ReadRecord[] {
    return this.#seen.filter((record) => record.topic === topic);
  }

  /** Returns the first matching record of a topic, as soon as it is there. */
  first(topic: string, wanted: (record: ReadRecord) => boolean): Promise<ReadRecord> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(late);
        this.#listeners.delete(look);
      };
      const look = (record: TopicRecord) => {
        if (record.topic !== topic || !wanted(record)) return;
        end();
        resolve(record);
      };
      const late = setTimeout(() => {
        end();
        reject(new Error(`kafkajs saw no such record in ${topic}, among ${String(this.#seen.length)} of all`));
      }, within);
      this.#listeners.add(look);
      for (const record of this.#seen) look(record);
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.producer.disconnect(), this.consumer.disconnect()]);
  }
}

/** Repeats until there is a result. */
export async function untilFound<Found>(ask: () => Promise<Found | undefined>): Promise<Found> {
  const deadline = performance.now() + within;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error('it did not turn up');
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
