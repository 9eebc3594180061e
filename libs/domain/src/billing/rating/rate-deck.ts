import type { EpochMs } from '@ringfence/kernel/units';
import type { RateQuote } from '../../calls/call.events.js';

/** The price lists in force; a pure look-up. */
export interface RateDecks {
  /** The price for these digits (no `+`) in the deck of this currency in force at `atMs`, by longest prefix; undefined: no price, so no call. */
  quote(digits: string, currency: string, atMs: EpochMs): RateQuote | undefined;
}
