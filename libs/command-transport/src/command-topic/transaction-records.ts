import { isAborted } from '@ringfence/kernel/aborted';
import type { Lane } from '@ringfence/kernel/lane';
import { pause, type Timers } from '@ringfence/kernel/timers';
import { type CommittedTransaction, isMessage } from '@ringfence/ports/message-bus/message';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import type { Topics } from '@ringfence/wire/topics';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { deadLetterOfBatch } from './dead-letter.js';
import { passedOn } from './passed-on.js';

type TransactionRecordsParts = {
  readonly bus: Pick<MessageBus, 'publish' | 'readTransaction'>;
  readonly topics: Topics;
  readonly executor: Pick<LaneExecutor, 'transactions'>;
  readonly timers: Timers;
  readonly onRetryableError: (cause: unknown) => void;
};

const retryAfterMs = 500;

/**
 * Publishes the records of committed transactions to their lane again, outside of any transaction, as ordinary commands
 * after the marker that committed them. Runs beside the lane's decisions, one transaction per lane at a time, and
 * retries until another process has the lane. Records published twice are detected as duplicates.
 */
export class TransactionRecords {
  readonly #ending = new AbortController();
  readonly #underWay = new Map<Lane, Promise<void>>();

  constructor(private readonly parts: TransactionRecordsParts) {}

  /** Starts work in these lanes, if there is any. */
  look(lanes: Iterable<Lane>): void {
    for (const lane of lanes) {
      if (this.#underWay.has(lane) || this.#next(lane) === undefined) continue;
      const done = this.#publishAll(lane).then(() => {
        this.#underWay.delete(lane);
        // A transaction may have been committed since the last check.
        if (!this.#ending.signal.aborted) this.look([lane]);
      });
      this.#underWay.set(lane, done);
    }
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#underWay.values());
  }

  async #publishAll(lane: Lane): Promise<void> {
    const { onRetryableError, timers } = this.parts;
    const { signal } = this.#ending;
    for (let next = this.#next(lane); next !== undefined && !isAborted(signal); next = this.#next(lane)) {
      try {
        await this.#publish(lane, next, signal);
      } catch (failure) {
        onRetryableError(failure);
        await pause(timers, retryAfterMs, signal);
      }
    }
  }

  #next(lane: Lane): CommittedTransaction | undefined {
    return this.parts.executor.transactions.committedIn(lane)[0];
  }

  async #publish(lane: Lane, transaction: CommittedTransaction, signal: AbortSignal): Promise<void> {
    const { bus, topics, executor } = this.parts;
    const place = { topic: topics.commands, partition: lane, transaction };
    for await (const page of bus.readTransaction(place)) {
      if (isAborted(signal)) return;
      await bus.publish(
        page.map((item) =>
          isMessage(item) ? passedOn(item, lane, topics) : deadLetterOfBatch(item, item.reason, topics.deadLetters),
        ),
      );
    }
    await executor.transactions.done(lane, transaction);
  }
}
