import { micros, type DurationMs, type EpochMs } from '@ringfence/kernel/units';
import type { DeckId } from '@ringfence/kernel/ids';
import type { RateQuote } from '../../calls/call.events.js';

/** The price lists in force; a pure look-up. */
export interface RateDecks {
  /**
   * The price for these digits (no `+`) in the deck of this currency in force at `atMs`, by longest prefix; undefined: no price, so no
   * call.
   */
  quote(digits: string, currency: string, atMs: EpochMs): RateQuote | undefined;
}

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
  readonly longest: number;
};

/** Effective-dated: for a moment, the latest deck of the currency that was in force by then; of two with one date, the higher version. */
export function compileRateDecks(decks: readonly RateDeck[]): RateDecks {
  const compiled = [...decks]
    .sort((left, right) => right.effectiveFromMs - left.effectiveFromMs || right.deckVersion - left.deckVersion)
    .map(compile);
  return {
    quote(digits, currency, atMs) {
      const inForce = compiled.find(({ deck }) => deck.currency === currency && deck.effectiveFromMs <= atMs);
      if (inForce === undefined) return undefined;
      for (let length = Math.min(digits.length, inForce.longest); length > 0; length -= 1) {
        const quote = inForce.byPrefix.get(digits.slice(0, length));
        if (quote !== undefined) return quote;
      }
      return undefined;
    },
  };
}

export const noRateDecks: RateDecks = { quote: () => undefined };

function compile(deck: RateDeck): Compiled {
  const byPrefix = new Map<string, RateQuote>();
  let longest = 0;
  for (const row of deck.rows) {
    longest = Math.max(longest, row.prefix.length);
    byPrefix.set(row.prefix, {
      deckId: deck.deckId,
      deckVersion: deck.deckVersion,
      prefix: row.prefix,
      country: row.country,
      connectFeeMicros: micros(BigInt(row.connectFeeMicros)),
      perMinuteMicros: micros(BigInt(row.perMinuteMicros)),
      minimumMs: row.minimumMs,
      incrementMs: row.incrementMs,
    });
  }
  return { deck, byPrefix, longest };
}
