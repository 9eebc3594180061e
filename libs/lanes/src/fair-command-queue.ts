import type { StreamId } from '@ringfence/kernel/ids';
import type { DuePending, Pending, SubmittedPending } from './pending-command.js';

/** Limits of waiting commands, per account and in total. Further ones are refused at once, for that account only. */
export const waitingPerStreamMax = 1_024;
const waitingMax = 16_384;

/** The waiting commands of one stream: a queue with a moving head, so that taking from the front is cheap. */
class StreamQueue {
  #items: SubmittedPending[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(pending: SubmittedPending): void {
    this.#items.push(pending);
  }

  first(): SubmittedPending | undefined {
    return this.#items[this.#head];
  }

  shift(): SubmittedPending | undefined {
    const first = this.#items[this.#head];
    if (first === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 512) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }

  requeue(pendings: readonly SubmittedPending[]): void {
    this.#items = [...pendings, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }

  drain(): readonly SubmittedPending[] {
    return this.#items.slice(this.#head);
  }
}

/**
 * Commands waiting for the lane, by stream. Streams are served round-robin, one command each, so that a flood on one
 * account does not slow down others. A stream that is not `ready` (its state is being loaded) delays only its own
 * commands.
 */
export class FairCommandQueue {
  /** Streams with waiting commands, in the order of their next turn (a Map keeps insertion order). */
  readonly #queues = new Map<StreamId, StreamQueue>();
  /** Streams with due timers; they get up to half of a batch, before the others. */
  readonly #due = new Map<StreamId, DuePending>();
  #submitted = 0;

  /**
   * Number of waiting submitted commands. Due timers are neither counted nor limited, as each stream has at most one.
   */
  get waiting(): number {
    return this.#submitted;
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0 && this.#due.size === 0;
  }

  /** @returns false if the queue is full, for this stream or in total */
  enqueue(pending: SubmittedPending): boolean {
    if (this.#submitted >= waitingMax) return false;
    const queue = this.#queues.get(pending.stream);
    if (queue !== undefined && queue.length >= waitingPerStreamMax) return false;
    this.#push(pending, queue);
    this.#submitted += 1;
    return true;
  }

  /** Enqueues a stream whose timers are due. Never refused, because at most one entry per stream waits. */
  offerDue(stream: StreamId): void {
    if (!this.#due.has(stream)) this.#due.set(stream, { kind: 'due', stream, crashes: 0 });
  }

  /** Returns commands to the front, in their order and regardless of limits, to be decided again. */
  requeue(stream: StreamId, pendings: readonly Pending[]): void {
    const submitted: SubmittedPending[] = [];
    for (const pending of pendings)
      if (pending.kind === 'due') this.#due.set(stream, pending);
      else submitted.push(pending);
    if (submitted.length === 0) return;
    this.#submitted += submitted.length;
    const queue = this.#queues.get(stream);
    if (queue !== undefined) return queue.requeue(submitted);
    const fresh = new StreamQueue();
    fresh.requeue(submitted);
    this.#queues.set(stream, fresh);
  }

  /**
   * Takes at most `commandsMax` commands, one from each ready stream in turn. From a stream whose first command made
   * the decider throw, takes only that one.
   */
  take(commandsMax: number, ready: (stream: StreamId) => boolean): Pending[] {
    const taken: Pending[] = this.#takeDue(Math.ceil(commandsMax / 2), ready);
    const closed = new Set<StreamId>();
    let tookOne = true;
    while (tookOne && taken.length < commandsMax) {
      tookOne = false;
      // Only streams that waited at the start of this round; those moved to the end have had their turn.
      let turns = this.#queues.size;
      for (const [stream, queue] of this.#queues) {
        if (turns === 0 || taken.length >= commandsMax) break;
        turns -= 1;
        if (closed.has(stream) || !ready(stream)) {
          closed.add(stream);
          continue;
        }
        if (this.#takeOne(stream, queue, taken)) closed.add(stream);
        tookOne = true;
      }
    }
    return taken;
  }

  /** Takes all waiting commands, to fail them. */
  drain(): SubmittedPending[] {
    const all: SubmittedPending[] = [];
    for (const queue of this.#queues.values()) for (const pending of queue.drain()) all.push(pending);
    this.#queues.clear();
    this.#due.clear();
    this.#submitted = 0;
    return all;
  }

  /** Takes the waiting commands of these streams, to fail them. */
  drainWhere(which: (stream: StreamId) => boolean): readonly SubmittedPending[] {
    for (const stream of this.#due.keys()) if (which(stream)) this.#due.delete(stream);
    return [...this.#queues.keys()].filter(which).flatMap((stream) => this.drainStream(stream));
  }

  /** Takes the waiting commands of one stream, to fail or refuse them. */
  drainStream(stream: StreamId): readonly SubmittedPending[] {
    const queue = this.#queues.get(stream);
    if (queue === undefined) return [];
    this.#queues.delete(stream);
    const all = queue.drain();
    this.#submitted -= all.length;
    return all;
  }

  /** Drops the due entry of a stream. */
  dropDue(stream: StreamId): void {
    this.#due.delete(stream);
  }

  #takeDue(max: number, ready: (stream: StreamId) => boolean): Pending[] {
    const taken: Pending[] = [];
    // Streams that are not ready move to the end, so that a bounded search finds the others.
    let looks = Math.min(this.#due.size, 2 * max);
    for (const [stream, due] of this.#due) {
      if (looks === 0 || taken.length === max) break;
      looks -= 1;
      this.#due.delete(stream);
      if (ready(stream)) taken.push(due);
      else this.#due.set(stream, due);
    }
    return taken;
  }

  #push(pending: SubmittedPending, queue: StreamQueue | undefined): void {
    if (queue !== undefined) return queue.push(pending);
    const fresh = new StreamQueue();
    fresh.push(pending);
    this.#queues.set(pending.stream, fresh);
  }

  /** @returns whether no more may be taken from this stream now */
  #takeOne(stream: StreamId, queue: StreamQueue, taken: Pending[]): boolean {
    const first = queue.shift();
    if (first === undefined) return true;
    taken.push(first);
    this.#submitted -= 1;
    // Moves to the end of the map, or leaves it when empty.
    this.#queues.delete(stream);
    if (queue.length > 0) this.#queues.set(stream, queue);
    return queue.length === 0 || first.crashes > 0 || (queue.first()?.crashes ?? 0) > 0;
  }
}
