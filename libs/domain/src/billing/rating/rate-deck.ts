import { durationMs, micros, type DurationMs, type EpochMs } from '@ringfence/kernel/units';
import type { DeckId } from '@ringfence/kernel/ids';
import type { RateQuote } from './rate-quote.js';
import { priceOf } from './rating.js';

/** The talk time for which prices with different steps and fees are compared. */
export const oneMinute = durationMs(60_000);

/** The price lists in force; a pure look-up. */
export interface RateDecks {
  /**
   * The price for these digits (no `+`), by longest prefix, in the deck of this currency in force at `atMs`; undefined:
   * no price, so no call.
   */
  quote(digits: string, currency: string, atMs: EpochMs): RateQuote | undefined;
  /**
   * A territory's main price in that deck: of its rows the one with the shortest prefix, of several equally
   * short the cheapest; undefined: no row names it.
   */
  mainQuote(territory: string, currency: string, atMs: EpochMs): RateQuote | undefined;
  /** The currencies that have a deck in force. */
  currencies(atMs: EpochMs): readonly string[];
  /**
   * The price of these digits, and of every longer prefix that begins with them; undefined: there are more than
   * `quotesFromMax`.
   */
  quotesFrom(digits: string, currency: string, atMs: EpochMs): readonly RateQuote[] | undefined;
}

/** The most prices that `quotesFrom` returns. */
export const quotesFromMax = 2_000;

/** One row of a deck as its blob holds it; amounts are decimal strings of micro-units. */
export type RateDeckRow = {
  readonly prefix: string;
  readonly country: string;
  readonly connectFeeMicros: string;
  readonly perMinuteMicros: string;
  readonly minimumMs: DurationMs;
  readonly incrementMs: DurationMs;
};

export type RateDeck = {
  readonly deckId: DeckId;
  readonly deckVersion: number;
  readonly currency: string;
  readonly effectiveFromMs: EpochMs;
  readonly rows: readonly RateDeckRow[];
};

type Compiled = {
  readonly deck: RateDeck;
  readonly byPrefix: ReadonlyMap<string, RateQuote>;
  readonly byTerritory: ReadonlyMap<string, RateQuote>;
  readonly longest: number;
  /** Quotes sorted by prefix, as text; computed at the first use. */
  readonly sorted: () => readonly RateQuote[];
};

/**
 * Compiles effective-dated decks: at any moment the deck of a currency with the latest start counts; of two with the
 * same start, the higher version.
 */
export function compileRateDecks(decks: readonly RateDeck[]): RateDecks {
  const compiled = [...decks]
    .sort((left, right) => right.effectiveFromMs - left.effectiveFromMs || right.deckVersion - left.deckVersion)
    .map(compile);
  const deckOf = (currency: string, atMs: EpochMs) =>
    compiled.find(({ deck }) => deck.currency === currency && deck.effectiveFromMs <= atMs);
  return {
    mainQuote: (territory, currency, atMs) => deckOf(currency, atMs)?.byTerritory.get(territory),
    quote: (digits, currency, atMs) => longestMatch(deckOf(currency, atMs), digits),
    currencies: (atMs) => [
      ...new Set(compiled.filter(({ deck }) => deck.effectiveFromMs <= atMs).map(({ deck }) => deck.currency)),
    ],
    quotesFrom(digits, currency, atMs) {
      const inForce = deckOf(currency, atMs);
      const own = longestMatch(inForce, digits);
      const longer = inForce === undefined ? [] : beginningWith(inForce.sorted(), digits);
      return longer === undefined ? undefined : own === undefined ? longer : [own, ...longer];
    },
  };
}

function longestMatch(inForce: Compiled | undefined, digits: string): RateQuote | undefined {
  if (inForce === undefined) return undefined;
  for (let length = Math.min(digits.length, inForce.longest); length > 0; length -= 1) {
    const quote = inForce.byPrefix.get(digits.slice(0, length));
    if (quote !== undefined) return quote;
  }
  return undefined;
}

/** @param sorted by prefix, as text: prefixes with the same beginning are adjacent */
function beginningWith(sorted: readonly RateQuote[], digits: string): readonly RateQuote[] | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.prefix ?? '') < digits) low = middle + 1;
    else high = middle;
  }
  const found: RateQuote[] = [];
  for (let at = low; sorted[at]?.prefix.startsWith(digits) === true; at += 1) {
    if (found.length === quotesFromMax) return undefined;
    const quote = sorted[at];
    if (quote !== undefined) found.push(quote);
  }
  return found;
}

export const noRateDecks: RateDecks = {
  quote: () => undefined,
  mainQuote: () => undefined,
  currencies: () => [],
  quotesFrom: () => [],
};

function compile(deck: RateDeck): Compiled {
  const byPrefix = new Map<string, RateQuote>();
  const byTerritory = new Map<string, RateQuote>();
  let longest = 0;
  for (const row of deck.rows) {
    longest = Math.max(longest, row.prefix.length);
    const quote: RateQuote = {
      deckId: deck.deckId,
      deckVersion: deck.deckVersion,
      prefix: row.prefix,
      country: row.country,
      connectFeeMicros: micros(BigInt(row.connectFeeMicros)),
      perMinuteMicros: micros(BigInt(row.perMinuteMicros)),
      minimumMs: row.minimumMs,
      incrementMs: row.incrementMs,
    };
    byPrefix.set(row.prefix, quote);
    const main = byTerritory.get(row.country);
    if (main === undefined || isMoreMain(quote, main)) byTerritory.set(row.country, quote);
  }
  let sorted: readonly RateQuote[] | undefined;
  return {
    deck,
    byPrefix,
    byTerritory,
    longest,
    sorted: () => (sorted ??= [...byPrefix.values()].sort((one, other) => (one.prefix < other.prefix ? -1 : 1))),
  };
}

function isMoreMain(one: RateQuote, other: RateQuote): boolean {
  if (one.prefix.length !== other.prefix.length) return one.prefix.length < other.prefix.length;
  return priceOf(one, oneMinute) < priceOf(other, oneMinute);
}
