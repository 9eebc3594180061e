import type { Timers } from '@ringfence/kernel/timers';
import type { Carrier } from '@ringfence/ports/carrier/carrier';
import { carrierFailures } from '@ringfence/ports/carrier/carrier-failures';

/** Time for which an answer of the carrier is waited for. */
export const carrierAnswerMsMax = 3_000;

/** The requests to a carrier that have an answer. */
export type AnsweringCarrier = Pick<Carrier, 'place' | 'hangUp' | 'extend' | 'knows'>;

/**
 * The same carrier with bounded time: what is not answered within `carrierAnswerMsMax`, or before `signal` aborts,
 * rejects with `carrier_unavailable`. The order itself is not cancelled.
 */
export function answeringInTime(carrier: AnsweringCarrier, timers: Timers, signal: AbortSignal): AnsweringCarrier {
  const inTime = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const giveUp = (why: string) => {
        release();
        reject(carrierFailures.carrier_unavailable(why));
      };
      const stop = () => {
        giveUp('this process stops');
      };
      const cancel = timers.after(carrierAnswerMsMax, () => {
        giveUp(`nothing within ${String(carrierAnswerMsMax)} ms`);
      });
      const release = () => {
        cancel();
        signal.removeEventListener('abort', stop);
      };
      signal.addEventListener('abort', stop, { once: true });
      answer.finally(release).then(resolve, reject);
    });
  return {
    place: (order) => inTime(carrier.place(order)),
    hangUp: (callId, cause) => inTime(carrier.hangUp(callId, cause)),
    extend: (callId, authorisedForMs) => inTime(carrier.extend(callId, authorisedForMs)),
    knows: (attemptIds) => inTime(carrier.knows(attemptIds)),
  };
}
