import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import type { BusMessage, MessageHeaders } from '@ringfence/ports/message-bus/message';
import type { Membership } from '@ringfence/ports/message-bus/message-bus';

/** A command as a client publishes it, with the correlation of its reply. */
export type CommandRecord = {
  readonly correlation: string;
  readonly key: string;
  readonly partition: number;
  readonly headers: MessageHeaders;
  readonly value: Uint8Array;
};
export type PumpTopics = { readonly commands: string; readonly replies: string };

const accepted = Buffer.from('"status":"accepted"');
const silentMsMax = 20_000;
const steadyEveryMs = 5;
const drainLookMs = 5;

/**
 * Publishes commands and waits for their replies, in the same way for every decider.
 * @throws on the first reply that is no acceptance
 */
export class Pump {
  readonly #sentAt = new Map<string, number>();
  #membership: Membership | undefined;
  #failure: Error | undefined;
  #onReply: (tookMs: number) => void = () => undefined;

  private constructor(
    private readonly bus: KafkaMessageBus,
    private readonly topics: PumpTopics,
  ) {}

  static async start(bus: KafkaMessageBus, topics: PumpTopics, replyPartition: number): Promise<Pump> {
    const pump = new Pump(bus, topics);
    pump.#membership = await bus.follow({
      topic: topics.replies,
      from: new Map([[replyPartition, 'next']]),
      onMessages: (_partition, batch) => {
        for (const message of batch) pump.#receive(message);
        return Promise.resolve();
      },
      onRetryableError: (cause) => {
        pump.#failure ??= cause instanceof Error ? cause : new Error('bus error', { cause });
      },
    });
    return pump;
  }

  /**
   * Keeps `window` commands in flight.
   * @returns replies a second, from the end of the warm-up to the last moment with commands left to send; and the total
   * of replies
   */
  async saturate(
    records: readonly CommandRecord[],
    window: number,
    warmMs: number,
    ms: number,
  ): Promise<{ readonly perSecond: number; readonly replies: number }> {
    const began = performance.now();
    let [next, replies, repliesWarm, warmAt] = [0, 0, 0, 0];
    const over = () => performance.now() - began > warmMs + ms;
    const fill = () => {
      const room = Math.min(window - this.#sentAt.size, records.length - next);
      if (room <= 0 || over()) return;
      this.#send(records.slice(next, next + room));
      next += room;
    };
    const ended = new Promise<number>((resolve) => {
      this.#onReply = () => {
        replies += 1;
        const nowAt = performance.now();
        if (warmAt === 0 && nowAt - began >= warmMs) [warmAt, repliesWarm] = [nowAt, replies];
        if (over() || next === records.length) resolve(((replies - repliesWarm) * 1_000) / (nowAt - warmAt));
        else if (window - this.#sentAt.size >= window / 16) fill();
      };
    });
    fill();
    const perSecond = await this.#unlessSilent(ended);
    if (next === records.length) throw new Error(`${String(records.length)} commands were too few`);
    await this.#drained();
    return { perSecond, replies };
  }

  /** @returns the latencies, counted from when each command was due, in milliseconds */
  async steady(records: readonly CommandRecord[], perSecond: number): Promise<readonly number[]> {
    const took: number[] = [];
    this.#onReply = (ms) => took.push(ms);
    const began = performance.now();
    for (let sent = 0; sent < records.length;) {
      await pause(steadyEveryMs);
      const due = Math.min(records.length, Math.floor(((performance.now() - began) * perSecond) / 1_000));
      if (due === sent) continue;
      for (let at = sent; at < due; at += 1) {
        const record = records[at];
        if (record !== undefined) this.#send([record], began + (at * 1_000) / perSecond);
      }
      sent = due;
    }
    await this.#drained();
    return took;
  }

  /** Publishes one command; settles when it is answered. */
  async one(record: CommandRecord): Promise<void> {
    this.#onReply = () => undefined;
    this.#send([record]);
    await this.#drained();
  }

  async stop(): Promise<void> {
    await this.#membership?.leave();
  }

  #send(records: readonly CommandRecord[], dueAt = performance.now()): void {
    for (const { correlation } of records) this.#sentAt.set(correlation, dueAt);
    const { commands: topic } = this.topics;
    this.bus
      .publish(records.map(({ key, partition, headers, value }) => ({ topic, key, partition, headers, value })))
      .catch((cause: unknown) => {
        this.#failure ??= new Error('commands were not published', { cause });
      });
  }

  #receive({ headers, value }: BusMessage): void {
    const correlation = headers['ce_id'] ?? '';
    const sentAt = this.#sentAt.get(correlation);
    if (sentAt === undefined) return;
    this.#sentAt.delete(correlation);
    if (!Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(accepted))
      this.#failure ??= new Error(`not accepted: ${Buffer.from(value).toString()}`);
    this.#onReply(performance.now() - sentAt);
  }

  async #drained(): Promise<void> {
    let quietSince = performance.now();
    for (let before = this.#sentAt.size; this.#sentAt.size > 0; before = this.#sentAt.size) {
      await pause(drainLookMs);
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#sentAt.size < before) quietSince = performance.now();
      if (performance.now() - quietSince > silentMsMax)
        throw new Error(`${String(this.#sentAt.size)} commands were not answered`);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #unlessSilent(ended: Promise<number>): Promise<number> {
    let waiting = true;
    const done = ended.finally(() => (waiting = false));
    const watch = async () => {
      let last = -1;
      for (let size = this.#sentAt.size; waiting; size = this.#sentAt.size) {
        await pause(1_000);
        if (this.#failure !== undefined) throw this.#failure;
        if (size === last && size === this.#sentAt.size && size === 0) throw new Error('nothing is on its way');
        last = size;
      }
      return done;
    };
    return Promise.race([done, watch()]);
  }
}
