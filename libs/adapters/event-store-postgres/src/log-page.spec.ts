import { describe, expect, it } from '@jest/globals';
import { position } from '@ringfence/kernel/units';
import { eventsOf, filteredPageOf, type FilteredPageRow } from './log-page.js';

const stream = 'acc_00000000000000000000000001';
const row: FilteredPageRow = {
  first_position: '10',
  last_position: '13',
  examined: '4',
  positions: '11 13',
  streams: `${stream} ${stream}`,
  versions: '2 4',
  types: 'a.v1 b.v1',
  subjects: 'x y',
  lengths: '3 4',
  pages: null,
  bytes: '{1}{22}',
};

describe('a page of the log', () => {
  it('is cut into the events that were not left out', () => {
    const { events, next } = filteredPageOf(row, position(10));
    expect(next).toBe(14);
    expect(events.map(({ bytes, ...rest }) => ({ ...rest, text: Buffer.from(bytes).toString() }))).toEqual([
      { position: 11, stream, version: 2, type: 'a.v1', subject: 'x', text: '{1}' },
      { position: 13, stream, version: 4, type: 'b.v1', subject: 'y', text: '{22}' },
    ]);
  });

  it.each([
    { escaped: '{1}{22}', bytes: [...Buffer.from('{1}{22}')], because: 'plain ASCII stands for itself' },
    { escaped: '\\\\\\\\n{22}', bytes: [92, 92, ...Buffer.from('n{22}')], because: 'a backslash is doubled' },
    { escaped: '\\000\\3771{22}', bytes: [0, 255, ...Buffer.from('1{22}')], because: 'other bytes are octal' },
    { escaped: '\\\\000{22', bytes: [92, ...Buffer.from('000{22')], because: 'digits after a backslash are no octal' },
  ])('has the bytes that were escaped: $because', ({ escaped, bytes }) => {
    const events = eventsOf({ ...row, bytes: escaped }, 10);
    expect(events.flatMap((event) => [...event.bytes])).toEqual(bytes);
  });

  it.each([
    { damaged: { examined: '3' }, because: 'a position within it is missing' },
    { damaged: { first_position: '11', examined: '3' }, because: 'its first position is missing' },
  ])('is not read past a gap, whether what is missing was left out or not: $because', ({ damaged }) => {
    expect(() => filteredPageOf({ ...row, ...damaged }, position(10))).toThrow('positions are dense');
  });
});
