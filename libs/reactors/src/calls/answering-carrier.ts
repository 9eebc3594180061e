import type { CancelTimer, Timers } from '@ringfence/kernel/timers';
import type { Carrier } from '@ringfence/ports/carrier/carrier';
import { carrierFailures } from '@ringfence/ports/carrier/carrier-failures';

/** The longest wait for an answer of the carrier. */
export const carrierAnswerMsMax = 3_000;

/** The carrier's operations that return an answer. */
export type AnsweringCarrier = Pick<
  Carrier,
  | 'place'
  | 'answer'
  | 'reject'
  | 'hangUp'
  | 'extend'
  | 'play'
  | 'say'
  | 'pause'
  | 'gather'
  | 'stream'
  | 'stop'
  | 'mute'
  | 'sendDigits'
  | 'startPlayback'
  | 'knows'
>;

/**
 * The same carrier with bounded waits: an operation that is not answered within `carrierAnswerMsMax`, or before
 * `signal` aborts, rejects with `carrier_unavailable`. The operation itself is not cancelled.
 */
export function answeringInTime(carrier: AnsweringCarrier, timers: Timers, signal: AbortSignal): AnsweringCarrier {
  const pending = new PendingAnswers(timers, signal);
  return {
    place: (order) => pending.inTime(carrier.place(order)),
    answer: (order) => pending.inTime(carrier.answer(order)),
    reject: (attemptId, cause) => pending.inTime(carrier.reject(attemptId, cause)),
    hangUp: (callId, cause) => pending.inTime(carrier.hangUp(callId, cause)),
    extend: (callId, authorisedForMs) => pending.inTime(carrier.extend(callId, authorisedForMs)),
    play: (order) => pending.inTime(carrier.play(order)),
    say: (order) => pending.inTime(carrier.say(order)),
    pause: (order) => pending.inTime(carrier.pause(order)),
    gather: (order) => pending.inTime(carrier.gather(order)),
    stream: (order) => pending.inTime(carrier.stream(order)),
    stop: (callId, step) => pending.inTime(carrier.stop(callId, step)),
    mute: (callId, legId, muted) => pending.inTime(carrier.mute(callId, legId, muted)),
    sendDigits: (order) => pending.inTime(carrier.sendDigits(order)),
    startPlayback: (order) => pending.inTime(carrier.startPlayback(order)),
    knows: (attemptIds) => pending.inTime(carrier.knows(attemptIds)),
  };
}

type PendingAnswer = { readonly dueAtMs: number; readonly giveUp: (why: string) => void };

/**
 * Operations that have no answer yet. All have the same deadline, so the oldest is due first and one timer serves all
 * of them: most answers come within a millisecond, and a timer for each would cost more than the operation.
 */
class PendingAnswers {
  /** Oldest first: a Set keeps insertion order. */
  readonly #pending = new Set<PendingAnswer>();
  readonly #timers: Timers;
  readonly #signal: AbortSignal;
  #cancelTimer: CancelTimer | undefined;

  constructor(timers: Timers, signal: AbortSignal) {
    this.#timers = timers;
    this.#signal = signal;
    signal.addEventListener(
      'abort',
      () => {
        this.#stop();
      },
      { once: true },
    );
  }

  inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const giveUp = (why: string) => {
        reject(carrierFailures.carrier_unavailable(why));
      };
      const pending = { dueAtMs: this.#timers.monotonicMs() + carrierAnswerMsMax, giveUp };
      const settled = () => {
        this.#pending.delete(pending);
        resolve(answer);
      };
      answer.then(settled, settled);
      if (this.#signal.aborted) return giveUp(stopping);
      this.#pending.add(pending);
      this.#cancelTimer ??= this.#timers.after(carrierAnswerMsMax, this.#giveUpDue);
    });
  }

  readonly #giveUpDue = (): void => {
    this.#cancelTimer = undefined;
    const nowMs = this.#timers.monotonicMs();
    for (const pending of this.#pending) {
      const leftMs = pending.dueAtMs - nowMs;
      if (leftMs > 0) {
        this.#cancelTimer = this.#timers.after(leftMs, this.#giveUpDue);
        return;
      }
      this.#pending.delete(pending);
      pending.giveUp(`nothing within ${String(carrierAnswerMsMax)} ms`);
    }
  };

  #stop(): void {
    this.#cancelTimer?.();
    for (const { giveUp } of this.#pending) giveUp(stopping);
    this.#pending.clear();
  }
}

const stopping = 'this process stops';
