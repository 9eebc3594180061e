import type { EpochMs, Micros } from '@ringfence/kernel/units';
import { oneMinute, type RateDecks } from '../billing/rating/rate-deck.js';
import { priceOf } from '../billing/rating/rating.js';
import type { RateQuote } from '../billing/rating/rate-quote.js';
import { costlyTimes, digitsOf, secondaryTerritories } from './destinations.js';
import { type NumberingPlan, territoryPattern } from './numbering-plan.js';

/**
 * Says whether an entry of a policy opens only numbers that another one opens too.
 * @param named null: a policy without a list
 */
export type DestinationOrder = (entry: string, named: string | null) => boolean;

/**
 * The part of the order that is certain without numbering plans and prices: an entry opens no more than itself, and a
 * policy without a list opens every territory except the expensive ones of +1.
 */
const certainOrder: DestinationOrder = (entry, named) => {
  if (named !== null) return digitsOf(entry) === digitsOf(named);
  return territoryPattern.test(entry) && !secondaryTerritories.has(entry);
};

/** Says whether one list of destinations may open numbers that another does not. */
export function mayOpenMore(
  wanted: readonly string[] | null,
  has: readonly string[] | null,
  isWithin: DestinationOrder = certainOrder,
): boolean {
  if (wanted === null) return has !== null;
  const named = has ?? [null];
  return wanted.some((entry) => !named.some((other) => isWithin(entry, other)));
}

/** The order of destinations under the numbering plans and prices in force at a moment, in every currency. */
export function destinationOrder(plan: NumberingPlan, decks: RateDecks, atMs: EpochMs): DestinationOrder {
  return (entry, named) => {
    if (certainOrder(entry, named)) return true;
    // No digits are certain to contain the numbers of exactly one territory.
    if (territoryPattern.test(entry)) return false;
    const digits = digitsOf(entry);
    return (
      isOfNoOtherRange(digits, named, plan) &&
      decks.currencies(atMs).every((currency) => costsNoMore(digits, named, plan, { decks, currency, atMs }))
    );
  };
}

function isOfNoOtherRange(digits: string, named: string | null, plan: NumberingPlan): boolean {
  const territories = plan.territoriesOf(digits);
  const isApart = territories.length > 0 && territories.every((territory) => secondaryTerritories.has(territory));
  if (named === null) return !plan.costlyOnly(digits) && !isApart;
  if (territoryPattern.test(named))
    return !plan.costlyOnly(digits) && territories.every((territory) => territory === named);
  const around = digitsOf(named);
  if (!digits.startsWith(around) || (plan.costlyOnly(digits) && !plan.costlyOnly(around))) return false;
  return !isApart || plan.territoriesOf(around).every((territory) => secondaryTerritories.has(territory));
}

type PriceList = { readonly decks: RateDecks; readonly currency: string; readonly atMs: EpochMs };

/**
 * Listed digits raise the price bound to a multiple of their own price. They open more if one of their numbers costs
 * more than the previous bound.
 */
function costsNoMore(digits: string, named: string | null, plan: NumberingPlan, prices: PriceList): boolean {
  const { decks, currency, atMs } = prices;
  const mains = plan.territoriesOf(digits).map((territory) => minuteOf(decks.mainQuote(territory, currency, atMs)));
  const own = minuteOf(decks.quote(digits, currency, atMs)) ?? least(mains);
  const before = priceComparedWith(digits, named, mains, prices);
  if (own === undefined || before === undefined || own <= before) return true;
  const reached = decks.quotesFrom(digits, currency, atMs);
  return (
    reached !== undefined &&
    reached.map(minuteOf).every((price = own) => price > own * costlyTimes || price <= before * costlyTimes)
  );
}

function priceComparedWith(
  digits: string,
  named: string | null,
  mains: readonly (Micros | undefined)[],
  { decks, currency, atMs }: PriceList,
): Micros | undefined {
  const bare = minuteOf(decks.quote(digits, currency, atMs));
  if (named === null) return least(mains) ?? bare;
  if (territoryPattern.test(named)) return minuteOf(decks.mainQuote(named, currency, atMs)) ?? bare;
  return minuteOf(decks.quote(digitsOf(named), currency, atMs)) ?? least(mains);
}

function minuteOf(rate: RateQuote | undefined): Micros | undefined {
  return rate === undefined ? undefined : priceOf(rate, oneMinute);
}

function least(prices: readonly (Micros | undefined)[]): Micros | undefined {
  return prices.reduce(
    (low, price) => (low === undefined || (price !== undefined && price < low) ? price : low),
    undefined,
  );
}
