import { describe, expect, it } from '@jest/globals';
import type { Terminal } from '../terminal/terminal.js';
import { jsonNarrator } from './json-narrator.js';

function narrated(narrate: (narrator: ReturnType<typeof jsonNarrator>) => void): readonly unknown[] {
  const lines: string[] = [];
  const terminal: Terminal = {
    json: true,
    line: (text) => lines.push(text),
    write: () => Promise.resolve(),
    note: () => undefined,
    paint: (_style, text) => text,
    table: () => lines.push('a table for people'),
    progress: () => ({ at: () => undefined, end: () => undefined }),
  };
  const narrator = jsonNarrator(terminal);
  try {
    narrate(narrator);
  } catch (error) {
    lines.push(JSON.stringify({ thrown: String(error) }));
  }
  narrator.ends();
  return lines.map((line) => JSON.parse(line) as unknown);
}

describe('the story as JSON', () => {
  it('is one object per act, with everything said, shown and found', () => {
    const lines = narrated((narrator) => {
      narrator.act('Calls');
      narrator.says('two are placed');
      narrator.status('● ringing 2');
      narrator.expect('calls accepted', 2, 2);
      narrator.holds('refused', true, '1 of 3');
      narrator.act('The ledger');
      narrator.terminal.table(['book', 'debit'], [['test', '1.00']]);
      narrator.terminal.line('balanced');
    });
    expect(lines).toEqual([
      {
        act: 1,
        title: 'Calls',
        says: ['two are placed'],
        checks: [
          { what: 'calls accepted', found: '2' },
          { what: 'refused', found: '1 of 3' },
        ],
        tables: [],
      },
      {
        act: 2,
        title: 'The ledger',
        says: ['balanced'],
        checks: [],
        tables: [{ columns: ['book', 'debit'], rows: [['test', '1.00']] }],
      },
    ]);
  });

  it('stops where something differs from the story, and shows how far it came', () => {
    const lines = narrated((narrator) => {
      narrator.act('Calls');
      narrator.expect('calls accepted', 2, 2);
      narrator.expect('calls still live', 0, 1);
    });
    expect(lines).toEqual([
      { thrown: expect.stringContaining('calls still live: expected 0, found 1') as unknown },
      { act: 1, title: 'Calls', says: [], checks: [{ what: 'calls accepted', found: '2' }], tables: [] },
    ]);
  });
});
