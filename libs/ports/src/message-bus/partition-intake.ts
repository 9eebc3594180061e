import { pause, type Timers } from '@ringfence/kernel/timers';
import { behind, type BusMessage, itemBytesOf, type UncommittedItem } from './message.js';
import type { Joining } from './message-bus.js';

/** Messages of one partition that wait for its handler. */
export const intakeMessagesMax = 2_000;
/** Bytes of them together; one message finds its place where none waits, whatever it has. */
export const intakeBytesMax = 8_000_000;
/** Messages of one batch. */
export const batchMessagesMax = 500;
export const intakeRetryMs = 200;

type IntakeParts<Item = BusMessage> = Pick<Joining<Item>, 'onMessages' | 'onRetryableError'> & {
  readonly timers: Timers;
  /** Called when rejected items can be read again, from `next` on. */
  readonly onRoom: () => void;
};

/**
 * The bounded queue between a reader and the handler of one partition. Items that do not fit are dropped and read again
 * later, so that a slow partition holds up neither the others nor the reader that they share.
 */
export class PartitionIntake<Item extends UncommittedItem = BusMessage> {
  readonly #stopping = new AbortController();
  readonly #waiting: Item[] = [];
  /** Bytes of each waiting item, and of all. */
  readonly #bytes: number[] = [];
  #bytesWaiting = 0;
  #next: bigint;
  /** True at first, when no reader has started at this place: what comes is from a reader that started elsewhere. */
  #missed = true;
  #running: Promise<void> | undefined;

  constructor(
    private readonly partition: number,
    from: bigint,
    private readonly parts: IntakeParts<Item>,
  ) {
    this.#next = from;
  }

  /** The first offset that has not been taken in. */
  get next(): bigint {
    return this.#next;
  }

  /** True while a batch is under way. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** True after an item did not fit: what comes now is of no use before `reading` says that it begins at `next`. */
  get missed(): boolean {
    return this.#missed;
  }

  /** Takes a message in its turn; one that came before is dropped, one after a message that found no place too. */
  offer(message: Item): void {
    if (message.offset < this.#next || this.#missed || this.#stopping.signal.aborted) return;
    const bytes = itemBytesOf(message);
    if (this.#isFullFor(bytes)) {
      this.#missed = true;
      return;
    }
    this.#waiting.push(message);
    this.#bytes.push(bytes);
    this.#bytesWaiting += bytes;
    this.#next = behind(message);
    this.#running ??= this.#run();
  }

  /** A reader begins at `next`: nothing is missed from now on. */
  reading(): void {
    this.#missed = false;
  }

  /** Drops what waits; settles when the batch under way has. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#drop(this.#waiting.length);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, batchMessagesMax);
      await this.#handle(batch);
      this.#drop(batch.length);
      if (this.#missed && this.#waiting.length === 0 && !this.#stopping.signal.aborted) this.parts.onRoom();
    }
    this.#running = undefined;
  }

  #isFullFor(bytes: number): boolean {
    const count = this.#waiting.length;
    return count >= intakeMessagesMax || (count > 0 && this.#bytesWaiting + bytes > intakeBytesMax);
  }

  /** The first of what waits; after a stop there may be fewer. */
  #drop(count: number): void {
    this.#waiting.splice(0, count);
    for (const bytes of this.#bytes.splice(0, count)) this.#bytesWaiting -= bytes;
  }

  async #handle(batch: readonly Item[]): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.parts.onMessages(this.partition, batch);
        return;
      } catch (failure) {
        this.parts.onRetryableError(failure);
        await pause(this.parts.timers, intakeRetryMs, signal);
      }
    }
  }
}
