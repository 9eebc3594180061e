import { stringify } from 'csv-stringify/sync';

/**
 * Formats rows by RFC 4180: commas, CRLF, quotes where needed. Cells are safe to open in a spreadsheet, see `cellOf`.
 */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return stringify(
    rows.map((row) => row.map(cellOf)),
    // The library quotes cells with a complete record delimiter; half of one has to be quoted too.
    { record_delimiter: 'windows', quoted_match: /[\r\n]/ },
  );
}

/** First characters that make a spreadsheet treat a cell as a formula, including full-width forms. */
const formulaStart = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;
const plainNumber = /^-?\d+(?:\.\d+)?$/;

/**
 * Formats one cell. A text that a spreadsheet would run as a formula is prefixed by an apostrophe; numbers, negative
 * ones too, stay numbers. Null is empty; lists and objects are JSON.
 */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return JSON.stringify(value);
  return formulaStart.test(value) && !plainNumber.test(value) ? `'${value}` : value;
}
