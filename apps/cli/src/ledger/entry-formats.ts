import { csvText } from '@ringfence/http/edge/csv-text';
import { type JsonAnswer, listIn } from '../server/json-reading.js';

/** A way to write entries, a page at a time. */
export type EntryFormat = {
  readonly head: string;
  readonly page: (entries: readonly JsonAnswer[]) => string;
};

const entryColumns = ['position', 'book', 'event_type', 'subject', 'key_id', 'decided_at'];
const lineColumns = ['account', 'amount_micros', 'balance_after_micros'];

/** `csv`: a row for each line of an entry, as a journal has them; `jsonl`: an entry a line, as the API answers it. */
export const entryFormats = {
  csv: {
    head: csvText([[...entryColumns, ...lineColumns]]),
    page: (entries) => csvText(entries.flatMap(rowsOf)),
  },
  jsonl: {
    head: '',
    page: (entries) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  },
} as const satisfies Readonly<Record<string, EntryFormat>>;
export type EntryFormatName = keyof typeof entryFormats;

function rowsOf(entry: JsonAnswer): readonly (readonly unknown[])[] {
  const own = entryColumns.map((column) => entry[column]);
  return listIn(entry['lines'], 'the lines of an entry').map((line) => [
    ...own,
    ...lineColumns.map((column) => line[column]),
  ]);
}
