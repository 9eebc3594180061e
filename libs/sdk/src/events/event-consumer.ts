import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { Failure } from '@ringfence/kernel/failure';
import type { LogId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { PartitionReader } from '@ringfence/wire/feed/partition-reader';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { injectedOffset } from '@ringfence/wire/feed/watermark-injector';
import { followWatermarked } from '@ringfence/wire/feed/watermarked';
import type { Membership, MessageBus, PartitionRange, ReadFrom } from '@ringfence/ports/message-bus/message-bus';
import { sdkFailures } from '../sdk-failures.js';
import type { Checkpoint, CheckpointStore } from './checkpoint.js';

/** An event with its metadata. `data` is typed by `type`; personal values in it are sealed. */
export type RingfenceEvent = RecordedEnvelope & {
  /** Opaque token, for `min_position` of a read. */
  readonly positionToken: string;
};

type ConsumerParts = {
  readonly bus: Pick<MessageBus, 'ranges' | 'follow'>;
  readonly topic: string;
  /** The topic of watermarks; null: watermarks are in the topic itself, as in an account's own. */
  readonly watermarks: string | null;
  readonly partitions: number;
  readonly logId: LogId;
  readonly checkpoints: CheckpointStore;
  /** Start of the reading without a checkpoint: the oldest event in the topic, or the next one. */
  readonly begin: 'first' | 'next';
  /**
   * Handles an event: at least once for each, in the order of its account; concurrently for several partitions. If it
   * rejects, the event is delivered again after a pause.
   */
  readonly onEvent: (event: RingfenceEvent) => Promise<void>;
  /** Called for each failure after which the consumer retries. */
  readonly onRetryableError: (cause: unknown) => void;
};

/** Number of events after which a checkpoint is saved, also within a batch. */
const checkpointEveryEvents = 100;

/**
 * Consumes the events of the platform. Drops repeated events, and stops with a failure at a gap or at an event that
 * this release does not know. No event is ever skipped.
 */
export class EventConsumer {
  readonly #parts = new Map<number, Part>();
  readonly #ended: Promise<Failure | null>;
  #end: (failure: Failure | null) => void = () => undefined;
  #over = false;
  #membership: Membership | undefined;

  private constructor() {
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** @throws Failure `bus_unavailable` (retryable), `checkpoints_unreadable`, `checkpoint_of_other_topic` */
  static async start(options: ConsumerParts): Promise<EventConsumer> {
    const { bus, topic, watermarks, partitions, checkpoints, begin, onRetryableError } = options;
    const consumer = new EventConsumer();
    const [kept, ranges] = await Promise.all([checkpoints.load(topic), bus.ranges(topic)]);
    const from = new Map<number, ReadFrom>();
    for (let partition = 0; partition < partitions; partition += 1) {
      const checkpoint = kept.get(partition);
      const next = checkpoint === undefined ? undefined : BigInt(checkpoint.nextOffset);
      if (next !== undefined && next > (ranges[partition]?.next ?? 0n))
        throw sdkFailures.checkpoint_of_other_topic(topic, partition);
      from.set(partition, next ?? begin);
      consumer.#parts.set(partition, new Part(options, partition, checkpoint));
    }
    const onMessages = (partition: number, batch: readonly BusMessage[]) => consumer.#take(partition, batch);
    const following = { topic, from, onMessages, onRetryableError };
    const atEnd = (partition: number, start: ReadFrom) => start === 'next' || isAtEnd(ranges[partition], start);
    consumer.#membership =
      watermarks === null
        ? await bus.follow(following)
        : await followWatermarked(bus, following, { topic: watermarks, pause: retryPause }, atEnd);
    return consumer;
  }

  /** Settles when the consumer has ended: null after `stop`, otherwise the failure that ended it. */
  get ended(): Promise<Failure | null> {
    return this.#ended;
  }

  /** Moment on the platform's clock up to which all events have been handled; null: not known yet. */
  get handledUntilMs(): number | null {
    const least = Math.min(...[...this.#parts.values()].map(({ watermarkMs }) => watermarkMs));
    return Number.isFinite(least) ? least : null;
  }

  /** Settles when the events in progress have been handled. */
  async stop(): Promise<void> {
    this.#over = true;
    await this.#membership?.leave();
    this.#end(null);
  }

  async #take(partition: number, batch: readonly BusMessage[]): Promise<void> {
    if (this.#over) return;
    try {
      await this.#parts.get(partition)?.take(batch);
    } catch (failure) {
      if (!(failure instanceof Stopped)) throw failure;
      this.#over = true;
      this.#end(failure.why);
      // Not awaited: it would wait for this very batch.
      void this.#membership?.leave();
    }
  }
}

/** A failure that ends the reading, unlike one of the handler. */
class Stopped extends Error {
  constructor(readonly why: Failure) {
    super(why.message);
  }
}

class Part {
  watermarkMs = Number.NEGATIVE_INFINITY;
  #reader: PartitionReader;
  #nextOffset: bigint;
  #unsaved = 0;

  constructor(
    private readonly options: ConsumerParts,
    private readonly partition: number,
    checkpoint: Checkpoint | undefined,
  ) {
    this.#nextOffset = BigInt(checkpoint?.nextOffset ?? '0');
    this.#reader = this.#readerFrom(checkpoint?.through ?? null);
  }

  async take(batch: readonly BusMessage[]): Promise<void> {
    for (const message of batch) {
      const isInjected = message.offset === injectedOffset;
      // A batch is delivered again as a whole if one of its events could not be handled.
      if (message.offset < this.#nextOffset && !isInjected) continue;
      const { through } = this.#reader;
      try {
        await this.#handle(message);
      } catch (failure) {
        this.#reader = this.#readerFrom(through);
        throw failure;
      }
      // An injected record is in no partition, and is repeated for the next reader.
      if (isInjected) continue;
      this.#nextOffset = message.offset + 1n;
      if (this.#unsaved >= checkpointEveryEvents) await this.#save();
    }
    if (batch.some(({ offset }) => offset !== injectedOffset)) await this.#save();
  }

  async #handle(message: BusMessage): Promise<void> {
    const taken = orStopped(() => {
      const record = this.#reader.take(message);
      if (record?.kind !== 'event') return record;
      return { kind: 'decoded' as const, event: decodeRecorded(record.event) };
    });
    if (taken === null) return;
    if (taken.kind === 'watermark') this.watermarkMs = Math.max(this.watermarkMs, taken.timeMs);
    if (taken.kind !== 'decoded') return;
    const { event } = taken;
    await this.options.onEvent({ ...event, positionToken: `${this.options.logId}:${String(event.position)}` });
    this.#unsaved += 1;
  }

  async #save(): Promise<void> {
    const { checkpoints, topic } = this.options;
    const { through } = this.#reader;
    await checkpoints.save(topic, this.partition, { nextOffset: String(this.#nextOffset), through });
    this.#unsaved = 0;
  }

  #readerFrom(through: number | null): PartitionReader {
    const { partitions, logId } = this.options;
    const of = { partition: this.partition, partitions, logId };
    return new PartitionReader(of, through === null ? null : position(through));
  }
}

function isAtEnd(range: PartitionRange | undefined, start: Exclude<ReadFrom, 'next'>): boolean {
  const { first = 0n, next = 0n } = range ?? {};
  return (start === 'first' ? first : start) >= next;
}

/** Pause between two attempts to read watermarks. */
const retryMs = 1_000;

async function retryPause(signal: AbortSignal): Promise<void> {
  await sleep(retryMs, undefined, { signal }).catch(() => undefined);
}

function orStopped<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (failure) {
    throw failure instanceof Failure ? new Stopped(failure) : failure;
  }
}
