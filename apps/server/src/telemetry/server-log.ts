import type { Logger } from 'pino';
import { type LogEventCode, logEventOf } from './log-events.js';

/** Writes the lines of the catalogue. Each carries its code in the field `event`; one that calls for an operator says so, with the place in the runbooks. */
export class ServerLog {
  /** @param lines also takes what is not the server's own, as Nest's messages */
  constructor(readonly lines: Logger) {}

  /** @param fields beside the code; the key `err` holds an error, of which no personal value is written */
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
