import { cliFailures } from '../failures.js';
import type { Terminal } from '../terminal/terminal.js';

/** Prints the story as it happens, and stops at the first difference. */
export interface Narrator {
  readonly terminal: Terminal;
  readonly act: (title: string) => void;
  readonly says: (text: string) => void;
  /** @throws Failure `story_differs` */
  readonly expect: (what: string, expected: string | number, found: string | number) => void;
  /** @throws Failure `story_differs` */
  readonly holds: (what: string, holds: boolean, found: string) => void;
  /** A status line: overwritten on a terminal, otherwise written whenever it changes. */
  readonly status: (text: string) => void;
  readonly statusEnds: () => void;
  /** The story is over, or goes no further. */
  readonly ends: () => void;
}

export function narratorOn(terminal: Terminal, screen: NodeJS.WriteStream): Narrator {
  const began = performance.now();
  const { line, paint } = terminal;
  let acts = 0;
  let lastStatus = '';
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s`;
  const tick = (text: string) => {
    line(`  ${paint('green', '✓')} ${text}`);
  };
  const overwrites = screen.isTTY;
  return {
    terminal,
    act: (title) => {
      acts += 1;
      line('');
      line(`${paint('cyan', `${String(acts)}.`)} ${paint('bold', title)}  ${paint('gray', seconds())}`);
    },
    says: (text) => {
      line(`  ${text}`);
    },
    expect: (what, expected, found) => {
      if (expected !== found) throw cliFailures.story_differs(what, String(expected), String(found));
      tick(`${what}: ${paint('bold', String(found))}`);
    },
    holds: (what, holds, found) => {
      if (!holds) throw cliFailures.story_differs(what, 'that', found);
      tick(`${what}: ${found}`);
    },
    status: (text) => {
      if (text === lastStatus && !overwrites) return;
      lastStatus = text;
      if (overwrites) screen.write(`\r\u001b[2K  ${paint('gray', seconds())}  ${text}`);
      else line(`  ${seconds()}  ${text}`);
    },
    statusEnds: () => {
      if (overwrites) screen.write('\n');
      lastStatus = '';
    },
    ends: () => {
      line('');
    },
  };
}
