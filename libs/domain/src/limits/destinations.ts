import type { EpochMs, Micros } from '@ringfence/kernel/units';
import { oneMinute, type RateDecks } from '../billing/rating/rate-deck.js';
import { priceOf } from '../billing/rating/rating.js';
import type { RateQuote } from '../billing/rating/rate-quote.js';
import type { Mode } from '../shared/values.js';
import { isCostlyKind, type KnownNumber, type NumberingPlan, territoryPattern } from './numbering-plan.js';

/** A number is costly if its price is more than this multiple of the compared price. */
export const costlyTimes = 3n;
/** The territories of +1 except the US and Canada. Each is opened only by its own name or digits of its own. */
export const secondaryTerritories: ReadonlySet<string> = new Set(
  'AG AI AS BB BM BS DM DO GD GU JM KN KY LC MP MS PR SX TC TT VC VG VI'.split(' '),
);

/** Destination of a call, with the data that policies are checked against. */
type Destination = {
  readonly digits: string;
  readonly number: KnownNumber;
  readonly plan: NumberingPlan;
  /** Price of one minute; undefined: no deck has one. */
  readonly priceMicros: Micros | undefined;
  readonly mainPriceOf: (territory: string) => Micros | undefined;
  readonly prefixPriceOf: (prefix: string) => Micros | undefined;
};

/** Prices in force for one currency at one moment. */
export type PriceList = { readonly decks: RateDecks; readonly currency: string; readonly atMs: EpochMs };

/**
 * The rate that a call to the number is charged at: the row of its longest prefix. A number that is not charged like
 * those around it has a price only where the deck names its own range: a territory of +1 other than the US and Canada
 * needs a row of that territory, a costly number a row whose numbers are all costly. A row `1` for the US prices no
 * call to Guam, a row `44` none to a premium-rate number.
 * @returns undefined: there is no price, so no call
 */
export function rateOf(
  digits: string,
  number: KnownNumber,
  plan: NumberingPlan,
  { decks, currency, atMs }: PriceList,
): RateQuote | undefined {
  const rate = decks.quote(digits, currency, atMs);
  if (rate === undefined || number.kind === 'sandbox') return rate;
  if (isSecondary(number) && rate.country !== number.territory) return undefined;
  const isCostly = number.territory === null || isCostlyKind(number.kind);
  const namesRange =
    number.openedRange === null ? plan.costlyOnly(rate.prefix) : rate.prefix.startsWith(number.openedRange);
  return isCostly && !namesRange ? undefined : rate;
}

export function destinationOf(
  digits: string,
  number: KnownNumber,
  plan: NumberingPlan,
  { decks, currency, atMs }: PriceList,
): Destination {
  const minuteOf = (rate: RateQuote | undefined) => (rate === undefined ? undefined : priceOf(rate, oneMinute));
  return {
    digits,
    number,
    plan,
    priceMicros: minuteOf(decks.quote(digits, currency, atMs)),
    mainPriceOf: (territory) =>
      minuteOf(
        decks.mainQuote(territory, currency, atMs) ??
          (territory === number.territory ? decks.quote(number.callingCode ?? '', currency, atMs) : undefined),
      ),
    prefixPriceOf: (prefix) => minuteOf(decks.quote(prefix, currency, atMs)),
  };
}

/** Reason why a key may not call a destination. */
export type DestinationFault =
  'sandbox_range' | 'not_named' | 'no_territory' | 'costly_kind' | 'other_territory' | 'costly_price';

/**
 * Checks whether a policy opens a destination. Pure: one policy, one number.
 * @param named territories (`US`) and digits (`44`, `+4420`); null: everything that is not costly
 * @returns undefined if it does
 */
export function destinationFault(
  named: readonly string[] | null,
  mode: Mode,
  to: Destination,
): DestinationFault | undefined {
  if (to.number.kind === 'sandbox' && mode === 'live') return 'sandbox_range';
  if (named === null) return unnamedFault(to);
  const faults = named.filter((entry) => covers(entry, to)).map((entry) => entryFault(entry, to));
  return faults.includes(undefined) ? undefined : (faults[0] ?? 'not_named');
}

/** Descriptions of the faults, without the number's digits. */
export const destinationFaults: Readonly<Record<DestinationFault, string>> = {
  sandbox_range: 'The sandbox range is open to test keys alone.',
  not_named: 'The key may not call this destination: its policy names other ones.',
  no_territory:
    'Satellite and other numbers that belong to no territory are called only with a policy that names their digits.',
  costly_kind:
    'Premium-rate, shared-cost and personal numbers are called only with a policy that names the digits of their range.',
  other_territory: 'Of the territories of +1 a policy opens those that it names; without one, the US and Canada.',
  costly_price: `The number costs more than ${String(costlyTimes)} times what the policy opens; name the digits of its range.`,
};

function covers(entry: string, { digits, number }: Destination): boolean {
  return territoryPattern.test(entry) ? entry === number.territory : digits.startsWith(digitsOf(entry));
}

/** Returns why an entry that covers the destination does not open it. */
function entryFault(entry: string, to: Destination): DestinationFault | undefined {
  const { number, plan } = to;
  if (number.kind === 'sandbox') return undefined;
  if (territoryPattern.test(entry)) return kindFault(number) ?? priceFault(to, to.mainPriceOf(entry));
  const prefix = digitsOf(entry);
  const namesRange = number.openedRange === null ? plan.costlyOnly(prefix) : prefix.startsWith(number.openedRange);
  if (!namesRange) {
    const fault = kindFault(number) ?? (isSecondary(number) && !namesAlone(prefix, to) ? 'other_territory' : undefined);
    if (fault !== undefined) return fault;
  }
  return priceFault(to, to.prefixPriceOf(prefix) ?? leastMainPrice(prefix, to));
}

function unnamedFault(to: Destination): DestinationFault | undefined {
  const { number } = to;
  if (number.kind === 'sandbox') return undefined;
  return (
    kindFault(number) ??
    (isSecondary(number) ? 'other_territory' : priceFault(to, to.mainPriceOf(number.territory ?? '')))
  );
}

function kindFault({ territory, kind }: KnownNumber): DestinationFault | undefined {
  if (territory === null) return 'no_territory';
  return isCostlyKind(kind) ? 'costly_kind' : undefined;
}

function isSecondary({ territory }: KnownNumber): boolean {
  return territory !== null && secondaryTerritories.has(territory);
}

/** Says whether the digits belong only to the destination's own territory. */
function namesAlone(prefix: string, { plan, number }: Destination): boolean {
  return plan.territoriesOf(prefix).every((territory) => territory === number.territory);
}

/** The lowest main price of the digits' territories, used as the bound for digits without a price of their own. */
function leastMainPrice(prefix: string, { plan, mainPriceOf }: Destination): Micros | undefined {
  return plan.territoriesOf(prefix).reduce<Micros | undefined>((least, territory) => {
    const price = mainPriceOf(territory);
    return price !== undefined && (least === undefined || price < least) ? price : least;
  }, undefined);
}

function priceFault({ priceMicros }: Destination, comparedWith: Micros | undefined): DestinationFault | undefined {
  if (priceMicros === undefined || comparedWith === undefined) return undefined;
  return priceMicros > comparedWith * costlyTimes ? 'costly_price' : undefined;
}

/** An entry without its `+`. */
export function digitsOf(entry: string): string {
  return entry.startsWith('+') ? entry.slice(1) : entry;
}
