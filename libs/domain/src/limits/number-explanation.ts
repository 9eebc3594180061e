import type { RateQuote } from '../calls/call.events.js';
import type { Micros } from '@ringfence/kernel/units';
import { type CallingPolicies, numberAllowed, numberCalled, type NumberFault, unknownRange } from './called-number.js';
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

/** What a call to a number would be charged by; whether a key may place it is another question. */
export type NumberPrice =
  | { readonly fault: null; readonly number: KnownNumber; readonly rate: RateQuote }
  | { readonly fault: NumberFault | NoPrice; readonly number: KnownNumber | null; readonly rate: null };

/** Pure. @param clear as the client wrote it */
export function priceOfNumber(clear: string, plan: NumberingPlan, { decks, currency, atMs }: PriceList): NumberPrice {
  const called = numberCalled(clear, plan, atMs);
  if ('fault' in called) return { fault: called.fault, number: null, rate: null };
  const { digits, number } = called;
  if (number.status === 'unknown') return { fault: unknownRange, number: null, rate: null };
  const rate = decks.quote(digits, currency, atMs);
  return rate === undefined ? { fault: noPrice(currency), number, rate: null } : { fault: null, number, rate };
}

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
    return { fault: fault ?? noPrice(currency), number, price: null };
  }
  const mainMinuteMicros = number.territory === null ? undefined : mainPriceOf(number.territory);
  return { fault, number, price: { rate, minuteMicros: priceMicros, mainMinuteMicros: mainMinuteMicros ?? null } };
}

function noPrice(currency: string): NoPrice {
  return { code: 'no_route', reason: 'no_price', detail: `No price is known for this destination in ${currency}.` };
}
