import type { CallId } from '@ringfence/kernel/ids';
import type { CarrierSignal } from '@ringfence/ports/carrier/carrier';

/** The most calls whose digits wait for a request; beyond it the oldest are forgotten. */
const callsMax = 10_000;

/**
 * Digits that a party has pressed, from the worker's report to the request that takes them to the application. They are
 * in memory alone: no event, no topic and no table has them, and a crash of the process loses them.
 */
export class PressedDigits {
  /** The last digits of each call; a Map keeps insertion order, so the first is the oldest. */
  readonly #ofCalls = new Map<CallId, { readonly step: number; readonly digits: string }>();

  /** Keeps the digits that a signal has, and forgets those of a call that is over. */
  noteOf({ callId, signal }: CarrierSignal): void {
    if (signal.kind === 'ended' || signal.kind === 'action_ended') this.#ofCalls.delete(callId);
    if (signal.kind !== 'action_ended' || signal.digits === undefined) return;
    this.#ofCalls.set(callId, { step: signal.step, digits: signal.digits });
    if (this.#ofCalls.size <= callsMax) return;
    for (const oldest of this.#ofCalls.keys()) {
      this.#ofCalls.delete(oldest);
      return;
    }
  }

  /** The digits of a gather; null: it has none, or they are lost. They stay for further attempts at the request. */
  of(callId: CallId, step: number): string | null {
    const known = this.#ofCalls.get(callId);
    return known?.step === step ? known.digits : null;
  }
}
