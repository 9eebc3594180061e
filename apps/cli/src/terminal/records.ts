import { type JsonAnswer, isAnswer } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import type { Terminal } from './terminal.js';

/** Prints one object: JSON, or a line per member for people; nested members have dotted names, lists are JSON. */
export function printRecord(record: JsonAnswer, terminal: Terminal): void {
  if (terminal.json) terminal.line(JSON.stringify(record));
  else terminal.table(['', ''], membersOf(record));
}

/** Prints the objects of a list as a table of these members. */
export function printRows(rows: readonly JsonAnswer[], columns: readonly string[], terminal: Terminal): void {
  terminal.table(
    columns,
    rows.map((row) => {
      const members = new Map(membersOf(row));
      return columns.map((column) => members.get(column) ?? '-');
    }),
  );
}

/** Prints the result of a command: JSON, or one line for people. */
export function printDone({ terminal }: Pick<Shell, 'terminal'>, answer: JsonAnswer, done: string): void {
  terminal.line(terminal.json ? JSON.stringify(answer) : `${terminal.paint('green', '✓')} ${done}`);
}

function membersOf(record: JsonAnswer, above = ''): [name: string, text: string][] {
  return Object.entries(record).flatMap(([name, value]) =>
    isAnswer(value) ? membersOf(value, `${above}${name}.`) : [[`${above}${name}`, textOf(value)]],
  );
}

function textOf(value: unknown): string {
  if (value === null) return '-';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
