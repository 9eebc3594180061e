import type { Logger } from 'pino';
import { type LogEventCode, logEventOf } from './log-events.js';

/** Writes the lines of the catalogue, with the code in `event` and, if an operator is needed, the runbook's section. */
export class ServerLog {
  /** @param lines also takes lines that are not the server's own, such as Nest's messages */
  constructor(readonly lines: Logger) {}

  /** @param fields in addition to the code; `err` holds an error, whose personal values are not written */
  event(code: LogEventCode, fields: Readonly<Record<string, unknown>> = {}): void {
    const { level, text, actionRequired = false } = logEventOf(code);
    if (actionRequired)
      this.lines[level]({ event: code, ...fields, runbook: runbookOf(code) }, `${text}: operator action required`);
    else this.lines[level]({ event: code, ...fields }, text);
  }
}

function runbookOf(code: LogEventCode): string {
  return `docs/runbooks.md#${code}`;
}
