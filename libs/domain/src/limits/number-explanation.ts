import type { Micros } from '@ringfence/kernel/units';
import { oneMinute } from '../billing/rating/rate-deck.js';
import { priceOf } from '../billing/rating/rating.js';
import type { RateQuote } from '../billing/rating/rate-quote.js';
import { type CallingPolicies, judgeNumber, numberCalled, type NumberFault, unknownRange } from './called-number.js';
import { destinationOf, type PriceList, rateOf } from './destinations.js';
import type { KnownNumber, NumberingPlan } from './numbering-plan.js';

/** Explanation of whether a number may be called, apart from rates, lines and money. */
export type NumberExplanation = {
  /** null: the number may be called. */
  readonly fault: NumberFault | NoPrice | null;
  /** Index of the refusing policy, 0 for the key's own; null: none. */
  readonly refusedBy: number | null;
  /** null: the number is in no known range. */
  readonly number: KnownNumber | null;
  readonly price: {
    readonly rate: RateQuote;
    /** Price of one minute. */
    readonly minuteMicros: Micros;
    /** Main price of one minute to the territory; null: the number has no territory, or no deck has the price. */
    readonly mainMinuteMicros: Micros | null;
  } | null;
};
type NoPrice = { readonly code: 'no_route'; readonly reason: 'no_price'; readonly detail: string };

/** Price of a call to a number, whether or not a key may place it. */
type NumberPrice =
  | { readonly fault: null; readonly number: KnownNumber; readonly rate: RateQuote }
  | { readonly fault: NumberFault | NoPrice; readonly number: KnownNumber | null; readonly rate: null };

/** The price of a call to a number. Pure. @param clear as the client wrote it */
export function priceOfNumber(clear: string, plan: NumberingPlan, prices: PriceList): NumberPrice {
  const called = numberCalled(clear, plan, prices.atMs);
  if ('fault' in called) return { fault: called.fault, number: null, rate: null };
  const { digits, number } = called;
  if (number.status === 'unknown') return { fault: unknownRange, number: null, rate: null };
  const rate = rateOf(digits, number, plan, prices);
  return rate === undefined ? { fault: noPrice(prices.currency), number, rate: null } : { fault: null, number, rate };
}

/** The guard's decision and its reason. Pure: nothing is placed or recorded. @param clear as the client wrote it */
export function explainNumber(
  clear: string,
  policies: CallingPolicies,
  plan: NumberingPlan,
  prices: PriceList,
): NumberExplanation {
  const judged = judgeNumber(clear, policies, plan, prices);
  const { fault, number } = judged;
  const refusedBy = judged.fault === null ? null : judged.refusedBy;
  if (number === null) return { fault, refusedBy, number, price: null };
  const digits = clear.slice(1);
  const rate = rateOf(digits, number, plan, prices);
  if (rate === undefined) return { fault: fault ?? noPrice(prices.currency), refusedBy, number, price: null };
  const { mainPriceOf } = destinationOf(digits, number, plan, prices);
  const mainMinuteMicros = number.territory === null ? undefined : mainPriceOf(number.territory);
  const minuteMicros = priceOf(rate, oneMinute);
  return { fault, refusedBy, number, price: { rate, minuteMicros, mainMinuteMicros: mainMinuteMicros ?? null } };
}

export function noPrice(currency: string): NoPrice {
  return { code: 'no_route', reason: 'no_price', detail: `No price is known for this destination in ${currency}.` };
}
