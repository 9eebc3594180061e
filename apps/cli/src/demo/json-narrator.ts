import { cliFailures } from '../failures.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Narrator } from './narrator.js';

/** The result of one act, as one line. */
type Act = {
  readonly act: number;
  readonly title: string;
  readonly says: string[];
  /** Expectations that were met. */
  readonly checks: { readonly what: string; readonly found: string }[];
  readonly tables: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
};

/** Writes the story for programs: one object per act, written when the act is over, without progress displays. */
export function jsonNarrator(terminal: Terminal): Narrator {
  let acts = 0;
  let current: Act | undefined;
  const ends = () => {
    if (current !== undefined) terminal.line(JSON.stringify(current));
    current = undefined;
  };
  const tick = (what: string, found: string) => {
    current?.checks.push({ what, found });
  };
  return {
    terminal: {
      ...terminal,
      line: (text) => current?.says.push(text),
      table: (columns, rows) => current?.tables.push({ columns, rows }),
    },
    act: (title) => {
      ends();
      acts += 1;
      current = { act: acts, title, says: [], checks: [], tables: [] };
    },
    says: (text) => current?.says.push(text),
    expect: (what, expected, found) => {
      if (expected !== found) throw cliFailures.story_differs(what, String(expected), String(found));
      tick(what, String(found));
    },
    holds: (what, holds, found) => {
      if (!holds) throw cliFailures.story_differs(what, 'that', found);
      tick(what, found);
    },
    status: () => undefined,
    statusEnds: () => undefined,
    ends,
  };
}
