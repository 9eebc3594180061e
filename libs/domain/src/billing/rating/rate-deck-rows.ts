import { durationMs } from '@ringfence/kernel/units';
import type { RateDeckRow } from './rate-deck.js';

export const deckRowsMax = 200_000;
/** The longest minimum or increment; a longer one is taken for a typing error. */
const stepMsMax = 3_600_000;

/** Parses the rows of a deck's blob, a JSON array. @returns the rows, or the first fault as a sentence */
export function parseRateDeckRows(json: string): readonly RateDeckRow[] | { readonly fault: string } {
  const parsed = parseJson(json);
  if (!Array.isArray(parsed)) return { fault: 'a rate deck is a JSON array of rows' };
  if (parsed.length === 0 || parsed.length > deckRowsMax) return { fault: `a rate deck has 1 to ${deckRowsMax} rows` };
  const rows: RateDeckRow[] = [];
  const seen = new Set<string>();
  for (const [index, value] of parsed.entries()) {
    const row = parseRow(value);
    if (row !== undefined && row.minimumMs % row.incrementMs !== 0)
      return {
        fault: `row ${index}: minimumMs is a multiple of incrementMs, or the least charge would be for more time than the deck says`,
      };
    if (row === undefined) {
      return {
        fault: `row ${index}: expected {prefix: digits, country: two letters, connectFeeMicros, perMinuteMicros: decimal strings, minimumMs: 0 to ${stepMsMax}, incrementMs: 1 to ${stepMsMax}}`,
      };
    }
    if (seen.has(row.prefix)) return { fault: `row ${index}: prefix ${row.prefix} occurs twice in the deck` };
    seen.add(row.prefix);
    rows.push(row);
  }
  return rows;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // the caller reports that it is no array
  }
}

function parseRow(value: unknown): RateDeckRow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { prefix, country, connectFeeMicros, perMinuteMicros, minimumMs, incrementMs } = value as Record<
    string,
    unknown
  >;
  if (typeof prefix !== 'string' || !/^\d{1,15}$/.test(prefix)) return undefined;
  if (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country)) return undefined;
  if (typeof connectFeeMicros !== 'string' || !/^\d{1,15}$/.test(connectFeeMicros)) return undefined;
  if (typeof perMinuteMicros !== 'string' || !/^\d{1,15}$/.test(perMinuteMicros)) return undefined;
  if (typeof minimumMs !== 'number' || !within(minimumMs, 0)) return undefined;
  if (typeof incrementMs !== 'number' || !within(incrementMs, 1)) return undefined;
  return {
    prefix,
    country,
    connectFeeMicros,
    perMinuteMicros,
    minimumMs: durationMs(minimumMs),
    incrementMs: durationMs(incrementMs),
  };
}

function within(milliseconds: number, least: number): boolean {
  return Number.isSafeInteger(milliseconds) && milliseconds >= least && milliseconds <= stepMsMax;
}
