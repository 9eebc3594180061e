import { styleText } from 'node:util';
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';

type Style = Parameters<typeof styleText>[0];

/** Output of a command: results go to standard output, everything else to standard error. */
export interface Terminal {
  /** One JSON value a line, nothing else on standard output. */
  readonly json: boolean;
  /** A line of the result. */
  readonly line: (text: string) => void;
  /** Part of a long result; resolves when the stream takes more. */
  readonly write: (text: string) => Promise<void>;
  /** A line that is not part of the result. */
  readonly note: (text: string) => void;
  readonly paint: (style: Style, text: string) => string;
  /** Rows under a header; cells may be coloured. `rightAligned`: columns, from 0. */
  readonly table: (
    head: readonly string[],
    rows: readonly (readonly string[])[],
    rightAligned?: readonly number[],
  ) => void;
  /** A bar while a person watches; silent otherwise. */
  readonly progress: (what: string, total: number) => Progress;
}

interface Progress {
  /** @param done so far; @param beside a short word at the end of the bar */
  readonly at: (done: number, beside?: string) => void;
  readonly end: () => void;
}

export type TerminalStreams = { readonly out: NodeJS.WriteStream; readonly err: NodeJS.WriteStream };

export function terminalOn({ out, err }: TerminalStreams, json: boolean): Terminal {
  const paint: Terminal['paint'] = (style, text) => (json ? text : styleText(style, text, { stream: out }));
  return {
    json,
    line: (text) => void out.write(`${text}\n`),
    write: (text) =>
      new Promise((resolve, reject) => {
        out.write(text, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    note: (text) => void err.write(`${text}\n`),
    paint,
    table: (head, rows, rightAligned = []) => {
      const coloured = paint('bold', 'x') !== 'x';
      out.write(`${tableOf(coloured, head, rows, rightAligned)}\n`);
    },
    progress: (what, total) => (err.isTTY && !json ? bar(err, what, total) : silent),
  };
}

const silent: Progress = { at: () => undefined, end: () => undefined };

function bar(stream: NodeJS.WriteStream, what: string, total: number): Progress {
  const drawn = new SingleBar({
    stream,
    format: `${what} [{bar}] {percentage}% {value}/{total} {beside}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    fps: 10,
    hideCursor: true,
    clearOnComplete: true,
  });
  drawn.start(total, 0, { beside: '' });
  return {
    at: (done, beside) => {
      drawn.update(done, { beside: beside ?? '' });
    },
    end: () => {
      drawn.stop();
    },
  };
}

function tableOf(
  coloured: boolean,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  rightAligned: readonly number[],
): string {
  const table = new Table({
    head: [...head],
    style: { head: coloured ? ['bold'] : [], border: coloured ? ['gray'] : [], compact: true },
    colAligns: head.map((_, column) => (rightAligned.includes(column) ? 'right' : 'left')),
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
