import type { DeckId } from '@ringfence/kernel/ids';
import type { DurationMs, Micros } from '@ringfence/kernel/units';

/** The price a call runs at, fixed when it was placed. */
export type RateQuote = {
  readonly deckId: DeckId;
  readonly deckVersion: number;
  /** The longest prefix that matched, digits without `+`. */
  readonly prefix: string;
  /** ISO 3166-1 alpha-2, or `ZZ` for the sandbox's own range. */
  readonly country: string;
  readonly connectFeeMicros: Micros;
  readonly perMinuteMicros: Micros;
  /** The least talk time charged once answered. */
  readonly minimumMs: DurationMs;
  /** Talk time is charged in steps of this, a started step whole. */
  readonly incrementMs: DurationMs;
};
