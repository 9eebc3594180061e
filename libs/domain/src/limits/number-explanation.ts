import type { RateQuote } from '../calls/call.events.js';
import type { Micros } from '@ringfence/kernel/units';
import { type CallingPolicies, numberAllowed, numberCalled, type NumberFault } from './called-number.js';
import { destinationOf, type PriceList } from './destinations.js';
import type { KnownNumber, NumberingPlan } from './numbering-plan.js';

/** What would be said of a call to a number, rate, lines and money aside. */
export type NumberExplanation = {
  /** null: nothing is against it. */
  readonly fault: NumberFault | NoPrice | null;
  /** null: no range that is known holds it. */
  readonly number: KnownNumber | null;
  readonly price: {
    readonly rate: RateQuote;
    /** What one minute costs. */
    readonly minuteMicros: Micros;
    /** What one minute to the territory costs by its main price; null: the number has no territory, or no deck has the price. */
    readonly mainMinuteMicros: Micros | null;
  } | null;
};
type NoPrice = { readonly code: 'no_route'; readonly reason: 'no_price'; readonly detail: string };

/** The guard's answer with its grounds. Pure: nothing is placed or recorded. @param clear as the client wrote it */
export function explainNumber(
  clear: string,
  policies: CallingPolicies,
  plan: NumberingPlan,
  prices: PriceList,
): NumberExplanation {
  const called = numberCalled(clear, plan, prices.atMs);
  if ('fault' in called) return { fault: called.fault, number: null, price: null };
  const allowed = numberAllowed(called, policies, plan, prices);
  const fault = 'fault' in allowed ? allowed.fault : null;
  if (called.number.status === 'unknown') return { fault, number: null, price: null };
  const { digits, number } = called;
  const { decks, currency, atMs } = prices;
  const rate = decks.quote(digits, currency, atMs);
  const { priceMicros, mainPriceOf } = destinationOf(digits, number, plan, prices);
  if (rate === undefined || priceMicros === undefined) {
    const detail = `No price is known for this destination in ${currency}.`;
    return { fault: fault ?? { code: 'no_route', reason: 'no_price', detail }, number, price: null };
  }
  const mainMinuteMicros = number.territory === null ? undefined : mainPriceOf(number.territory);
  return { fault, number, price: { rate, minuteMicros: priceMicros, mainMinuteMicros: mainMinuteMicros ?? null } };
}
