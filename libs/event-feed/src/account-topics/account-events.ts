import type { EventStore, RecordedEvent } from '@ringfence/ports/log/event-store';
import { isAborted } from '@ringfence/kernel/aborted';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId, LogId } from '@ringfence/kernel/ids';
import type { Epoch, Lane } from '@ringfence/kernel/lane';
import { pause, type Timers } from '@ringfence/kernel/timers';
import { type EpochMs, type Position, streamVersion, type StreamVersion } from '@ringfence/kernel/units';
import { bytesOf, type OutgoingMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { accountTopicPartitions, accountTopicsOf, type Topics } from '@ringfence/wire/topics';
import type { ChainLink } from '@ringfence/wire/feed/feed-chain';
import { eventMessage, type FeedOrigin, watermarkMessage } from '@ringfence/wire/feed/feed-record';
import { unlessAborted } from '@ringfence/runtime/unless-aborted';
import { batchBytesMax } from '../relay/publication.js';
import { checkAgainstLog, readTail } from '../relay/published-end.js';

type AccountEventsParts = {
  readonly account: AccountId;
  readonly topics: Topics;
  readonly logId: LogId;
  readonly store: Pick<EventStore, 'head' | 'readAll' | 'readStream'>;
  readonly accountBus: Pick<MessageBus, 'publish' | 'ranges' | 'follow'>;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly onRetryableError: (cause: unknown) => void;
};

/** Events per read. */
const pageEvents = 500;
/** Minimum interval of an account's watermarks after new events; while idle, accounts take turns. */
export const accountWatermarkEveryMs = 1_000;
const retryAfterMs = 500;
/** Pause after a failure that is not retryable, in which an operator may resolve it. */
const retryLateMs = 30_000;
const onlyPartition = 0 as Lane;
/**
 * The epoch of all copies, which are the same whichever process writes them: each continues after a record whose
 * predecessors are all in the topic. If readers dropped the copies of an older owner, the next owner, which continues
 * after them, would leave a gap.
 */
const everyCopy = 1 as Epoch;

/** End of the topic. `version`: the version of the account's last event there. */
type Copied = { readonly version: StreamVersion; readonly last: ChainLink | null };

/**
 * Copies the events of one account to its dedicated topic: a feed with one partition, whose chain links each event of
 * the account to the previous one. Versions of a stream have no gaps. The topic itself is the only checkpoint.
 */
export class AccountEvents {
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  readonly #topic: string;
  #wake: () => void = () => undefined;
  #woken = true;
  #isTurn = false;

  constructor(private readonly parts: AccountEventsParts) {
    this.#topic = accountTopicsOf(parts.topics, parts.account).events;
    this.#running = this.#run(this.#ending.signal);
  }

  /** Notes that the log has, or may have, new events of the account. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Sends this account's watermark in its turn while idle. */
  takeTurn(): void {
    this.#isTurn = true;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { timers, onRetryableError } = this.parts;
    while (!signal.aborted) {
      try {
        await this.#copy(signal);
      } catch (failure) {
        if (isAborted(signal)) return;
        onRetryableError(failure);
        await pause(timers, failure instanceof Failure && !failure.retryable ? retryLateMs : retryAfterMs, signal);
      }
    }
  }

  /** Copies from the end of the topic on. After a failure with an unknown outcome the topic is examined again. */
  async #copy(signal: AbortSignal): Promise<void> {
    const { accountBus: bus, logId, onRetryableError, store, clock } = this.parts;
    const topic = this.#topic;
    const reading = {
      bus,
      topic,
      watermarks: null,
      partitions: accountTopicPartitions,
      logId,
      epoch: everyCopy,
      own: null,
      onRetryableError,
    };
    const { publication } = await readTail(reading, signal);
    await checkAgainstLog(store, topic, publication);
    const origin: FeedOrigin = { topic, logId, epoch: everyCopy };
    let copied = await this.#copiedUpTo(publication.ends[onlyPartition]?.last ?? null);
    let watermarkAtMs = Number.NEGATIVE_INFINITY;
    let covered: Copied | null = null;
    while (!signal.aborted) {
      this.#woken = false;
      const timeMs = clock.now();
      const head = timeMs - watermarkAtMs >= accountWatermarkEveryMs ? await store.head() : undefined;
      copied = await this.#catchUp(origin, copied, signal);
      const isNews = covered?.version !== copied.version;
      if (head !== undefined && (isNews || this.#isTurn)) {
        this.#isTurn = false;
        await this.#publishWatermark(origin, copied, head, timeMs, signal);
        watermarkAtMs = timeMs;
        covered = copied;
      }
      await this.#sleep(signal);
    }
  }

  async #copiedUpTo(last: ChainLink | null): Promise<Copied> {
    const [event] = last === null ? [] : await this.parts.store.readAll(last.position, 1);
    return { version: event?.version ?? streamVersion(0), last };
  }

  async #catchUp(origin: FeedOrigin, from: Copied, signal: AbortSignal): Promise<Copied> {
    const { store, account, accountBus } = this.parts;
    let copied = from;
    for (;;) {
      const page = await store.readStream(account, streamVersion(copied.version + 1), pageEvents);
      if (page.length === 0 || signal.aborted) return copied;
      for (let rest = page; rest.length > 0;) {
        const { messages, after } = nextBatch(origin, copied, rest);
        await unlessAborted(accountBus.publish(messages), signal);
        rest = rest.slice(messages.length);
        copied = after;
      }
    }
  }

  async #publishWatermark(origin: FeedOrigin, { last }: Copied, head: Position, timeMs: EpochMs, signal: AbortSignal) {
    const message = watermarkMessage(origin, onlyPartition, last, { head, timeMs });
    await unlessAborted(this.parts.accountBus.publish([message]), signal);
  }

  /** Sleeps until there may be new events, or the next watermark is due. */
  async #sleep(signal: AbortSignal): Promise<void> {
    if (this.#woken) return;
    const waking = new AbortController();
    this.#wake = () => {
      waking.abort();
    };
    await pause(this.parts.timers, accountWatermarkEveryMs, AbortSignal.any([signal, waking.signal]));
  }
}

function nextBatch(
  origin: FeedOrigin,
  { last }: Copied,
  events: readonly RecordedEvent[],
): { readonly messages: readonly OutgoingMessage[]; readonly after: Copied } {
  const messages: OutgoingMessage[] = [];
  let after: Copied = { version: streamVersion(0), last };
  let bytes = 0;
  for (const event of events) {
    const { message, link } = eventMessage(origin, onlyPartition, after.last, event);
    bytes += bytesOf(message);
    if (messages.length > 0 && bytes > batchBytesMax) break;
    messages.push(message);
    after = { version: event.version, last: link };
  }
  return { messages, after };
}
