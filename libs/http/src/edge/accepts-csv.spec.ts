import { expect, it } from '@jest/globals';
import { prefersCsv } from './accepts-csv.js';

it.each([
  { accept: undefined, csv: false, because: 'nothing is asked for' },
  { accept: '*/*', csv: false, because: 'both would do, and JSON is what it always was' },
  { accept: 'text/csv', csv: true, because: 'it is asked for' },
  { accept: 'Text/CSV; charset=utf-8', csv: true, because: 'types know no case, and may have parameters' },
  { accept: 'text/*', csv: true, because: 'JSON is no text' },
  { accept: 'text/csv, application/json', csv: false, because: 'neither is preferred' },
  { accept: 'text/csv, application/json;q=0.9', csv: true, because: 'CSV is preferred' },
  { accept: 'text/csv;q=0.5, */*;q=0.9', csv: false, because: 'JSON lies in what is preferred' },
  { accept: 'text/csv, */*;q=0.1', csv: true, because: 'anything else is worth less' },
  { accept: 'text/csv;q=0', csv: false, because: 'it is refused' },
  { accept: 'text/csv;q=many', csv: false, because: 'no number is no preference' },
  { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', csv: false, because: 'a browser asks so, and is given JSON' },
])('Accept: $accept prefers CSV: $csv, for $because', ({ accept, csv }) => {
  expect(prefersCsv(accept)).toBe(csv);
});
