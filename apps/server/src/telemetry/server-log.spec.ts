import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type LogEventCode, logEvents } from './log-events.js';
import { ServerLog } from './server-log.js';

function lineOf(code: LogEventCode, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const lines: string[] = [];
  const log = new ServerLog(pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }));
  log.event(code, fields);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

describe('a line of the log', () => {
  it('carries its event code, its fields and a plain sentence', () => {
    expect(lineOf('leader_elected', { duty: 'carrier' })).toMatchObject({
      level: pino.levels.values['info'],
      event: 'leader_elected',
      duty: 'carrier',
      msg: 'became leader',
    });
    expect(lineOf('leader_elected')).not.toHaveProperty('runbook');
  });

  it('that needs an operator says so, and names the runbook', () => {
    expect(lineOf('command_parked', { type: 'PlaceCall' })).toMatchObject({
      level: pino.levels.values['error'],
      event: 'command_parked',
      runbook: 'docs/runbooks.md#command_parked',
      msg: 'command parked: operator action required',
    });
  });

  it.each(Object.entries(logEvents))('has a stable code and no private word: %s', (code, { text }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
    expect(text).not.toMatch(/\b(somebody|nobody|trouble|anew|plays?|told)\b|\.$/);
  });
});
