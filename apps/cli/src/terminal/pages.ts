import type { JsonAnswer } from '../server/json-reading.js';
import type { JsonPage } from '../server/platform-api.js';
import type { Terminal } from './terminal.js';

/** Prints one page of a list: with --json one item per line, then the next page's cursor; else as `people` does. */
export function printPage(
  { items, nextCursor }: JsonPage,
  terminal: Terminal,
  people: (items: readonly JsonAnswer[]) => void,
): void {
  if (terminal.json) {
    for (const item of items) terminal.line(JSON.stringify(item));
    if (nextCursor !== undefined) terminal.line(JSON.stringify({ next_cursor: nextCursor }));
    return;
  }
  people(items);
  if (nextCursor !== undefined) terminal.note(`more with --after ${nextCursor}`);
}
