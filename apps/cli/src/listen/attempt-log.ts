import type { Terminal } from '../terminal/terminal.js';
import type { Forwarded } from './forwarding.js';

/** Messages that are remembered, to be sent again; an older one is forgotten. */
const rememberedMax = 200;

type Message = {
  readonly id: string;
  readonly callId: string;
  /** The type of a webhook, or the step of a flow. */
  readonly what: string;
  readonly body: string;
  readonly isFlow: boolean;
};
export type Remembered = Message & {
  /** Number by which it is named in the terminal. */
  readonly number: number;
  readonly attempts: Pick<Forwarded, 'status' | 'error' | 'latencyMs'>[];
};

/** The latest messages, and what became of each attempt. */
export class AttemptLog {
  readonly #byNumber = new Map<number, Remembered>();
  #last = 0;

  constructor(private readonly terminal: Terminal) {}

  add(message: Message): Remembered {
    this.#last += 1;
    const remembered = { ...message, number: this.#last, attempts: [] };
    this.#byNumber.set(this.#last, remembered);
    this.#byNumber.delete(this.#last - rememberedMax);
    return remembered;
  }

  /** @param number null: the latest webhook */
  find(number: number | null): Remembered | undefined {
    return number === null
      ? [...this.#byNumber.values()].findLast(({ isFlow }) => !isFlow)
      : this.#byNumber.get(number);
  }

  /** Notes an attempt, and prints it. @param outcome what the platform made of the answer */
  note(message: Remembered, forwarded: Forwarded, outcome: string | null = null): void {
    const { status, error, latencyMs } = forwarded;
    message.attempts.push({ status, error, latencyMs });
    const { number, id, callId, what, isFlow, attempts } = message;
    if (this.terminal.json) {
      const shown = { number, kind: isFlow ? 'flow_request' : 'webhook', id, call_id: callId, type: what };
      const result = { attempt: attempts.length, status_code: status, error, latency_ms: latencyMs, outcome };
      this.terminal.line(JSON.stringify({ ...shown, ...result }));
      return;
    }
    const answered = status === null ? (error ?? '-') : String(status);
    const colour = status !== null && status >= 200 && status < 300 ? 'green' : 'red';
    const said = `${this.terminal.paint(colour, answered)} in ${String(latencyMs)} ms`;
    this.terminal.line(
      `#${String(number)}  ${callId}  ${what.padEnd(15)} ${said}${outcome === null ? '' : `: ${outcome}`}`,
    );
  }

  /** Prints a row for each attempt that is remembered. */
  print(): void {
    const rows = [...this.#byNumber.values()].flatMap(({ number, what, callId, attempts }) =>
      attempts.map(({ status, error, latencyMs }, at) => [
        ...[String(number), what, callId, String(at + 1)],
        ...[status === null ? '-' : String(status), error ?? '-', String(latencyMs)],
      ]),
    );
    const head = ['#', 'message', 'call', 'attempt', 'status_code', 'error', 'latency_ms'];
    if (this.terminal.json) for (const row of rows) this.terminal.line(JSON.stringify(objectOf(head, row)));
    else this.terminal.table(head, rows, [0, 3, 4, 6]);
  }
}

function objectOf(names: readonly string[], row: readonly string[]): object {
  return Object.fromEntries(names.map((name, at) => [name === '#' ? 'number' : name, row[at] ?? '']));
}
