import { pause, type Timers } from '@ringfence/kernel/timers';
import { behind, type BusMessage, itemBytesOf, type UncommittedItem } from './message.js';
import type { Joining } from './message-bus.js';

/** The most messages of one partition that wait for its handler. */
export const intakeMessagesMax = 2_000;
/** The most bytes of waiting messages; a single message is always accepted when none waits. */
export const intakeBytesMax = 8_000_000;
/** The most messages per batch. */
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
  /** True until a reader has started at this place: earlier items come from a reader that started elsewhere. */
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

  /** True after an item did not fit: further items are dropped until `reading` announces that they begin at `next`. */
  get missed(): boolean {
    return this.#missed;
  }

  /** Accepts the next message; drops one that was accepted before, and any after a message that did not fit. */
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

  /** Notes that a reader begins at `next`, so that nothing is missed from now on. */
  reading(): void {
    this.#missed = false;
  }

  /** Drops waiting messages; settles when the current batch has settled. */
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

  /** Removes the first waiting messages; after a stop there may be fewer. */
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
