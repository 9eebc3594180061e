import type { AttemptId } from '@ringfence/domain/shared/values';
import type { RingOrder } from '@ringfence/ports/carrier/simulated-callers';
import type { SimulatedTime } from './simulated-time.js';

/** The most callers that wait for an answer; a further one finds the network busy, and is never signalled. */
const waitingMax = 10_000;
/** The most callers that are remembered after they have gone; beyond it the oldest are forgotten. */
const goneMax = 100_000;

type Waiting = { readonly order: RingOrder; readonly cancel: () => void };

/** The callers of the sandbox that ring and have no answer yet. Each gives up by itself. */
export class WaitingCallers {
  readonly #waiting = new Map<AttemptId, Waiting>();
  /** Callers that rang before, also those that were answered. A Set keeps insertion order: the first is the oldest. */
  readonly #gone = new Set<AttemptId>();

  constructor(private readonly time: SimulatedTime) {}

  /** @returns false: the caller rings or rang already, or no more can wait */
  ring(order: RingOrder): boolean {
    const { attemptId, givesUpAfterMs } = order;
    if (this.#waiting.has(attemptId) || this.#gone.has(attemptId) || this.#waiting.size >= waitingMax) return false;
    const cancel = this.time.at(this.time.nowMs() + givesUpAfterMs, () => {
      this.take(attemptId);
    });
    this.#waiting.set(attemptId, { order, cancel });
    return true;
  }

  /** Ends the wait of a caller; undefined: the caller does not wait. */
  take(attemptId: AttemptId): RingOrder | undefined {
    const waiting = this.#waiting.get(attemptId);
    if (waiting === undefined) return undefined;
    waiting.cancel();
    this.#waiting.delete(attemptId);
    this.#gone.add(attemptId);
    if (this.#gone.size > goneMax)
      for (const oldest of this.#gone) {
        this.#gone.delete(oldest);
        break;
      }
    return waiting.order;
  }

  /** Says whether the caller rang here, and does so no longer. */
  hasGone(attemptId: AttemptId): boolean {
    return this.#gone.has(attemptId);
  }

  clear(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }
}
