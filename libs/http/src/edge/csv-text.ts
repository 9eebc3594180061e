import { stringify } from 'csv-stringify/sync';

/**
 * Rows as RFC 4180 has them: commas, CRLF, quotes where a cell needs them. Every cell is text that a spreadsheet takes
 * for what it is: see `cellOf`.
 */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return stringify(
    rows.map((row) => row.map(cellOf)),
    // The library quotes what contains the whole delimiter of records; half of one has to be quoted too.
    { record_delimiter: 'windows', quoted_match: /[\r\n]/ },
  );
}

/** The first characters of what a spreadsheet takes for a formula, full-width forms included. */
const formulaStart = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;
const plainNumber = /^-?\d+(?:\.\d+)?$/;

/**
 * One cell. A text that a spreadsheet would run as a formula gets an apostrophe in front; a number stays a number, a
 * negative amount among them. Null is empty; lists and objects are JSON.
 */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return JSON.stringify(value);
  return formulaStart.test(value) && !plainNumber.test(value) ? `'${value}` : value;
}
