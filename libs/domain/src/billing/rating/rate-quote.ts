import type { DeckId } from '@ringfence/kernel/ids';
import type { DurationMs, Micros } from '@ringfence/kernel/units';

/** The price of a call, fixed when the call is placed. */
export type RateQuote = {
  readonly deckId: DeckId;
  readonly deckVersion: number;
  /** The longest prefix that matched, digits without `+`. */
  readonly prefix: string;
  /** ISO 3166-1 alpha-2, or `ZZ` for the sandbox's own range. */
  readonly country: string;
  readonly connectFeeMicros: Micros;
  readonly perMinuteMicros: Micros;
  /** The minimum talk time charged once the call is answered. */
  readonly minimumMs: DurationMs;
  /** The step in which talk time is charged; a started step is charged in full. */
  readonly incrementMs: DurationMs;
};
