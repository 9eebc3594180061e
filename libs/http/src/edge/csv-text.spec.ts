import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cellOf, csvText } from './csv-text.js';

describe('a cell of a CSV document', () => {
  it.each([
    { value: '=1+1', cell: "'=1+1", because: 'it is a formula' },
    {
      value: '+15005550100',
      cell: "'+15005550100",
      because: 'a spreadsheet would drop the plus of a telephone number',
    },
    { value: '-1+1|cmd', cell: "'-1+1|cmd", because: 'it is a formula' },
    { value: '@SUM(A1)', cell: "'@SUM(A1)", because: 'it is a formula' },
    { value: '\t=1', cell: "'\t=1", because: 'a spreadsheet strips the tab' },
    { value: '\r=1', cell: "'\r=1", because: 'a spreadsheet strips the line break' },
    { value: '＝1', cell: "'＝1", because: 'some spreadsheets take the full-width form for the plain one' },
    { value: '-12500000', cell: '-12500000', because: 'an amount of micro-units stays a number' },
    { value: -3, cell: '-3', because: 'it is a number' },
    { value: '1=2', cell: '1=2', because: 'only the beginning counts' },
    { value: null, cell: '', because: 'nothing is there' },
    { value: undefined, cell: '', because: 'nothing is there' },
    { value: false, cell: 'false', because: 'JSON writes it so' },
    { value: ['calls:read'], cell: '["calls:read"]', because: 'a list is JSON' },
  ])('of $value is $cell: $because', ({ value, cell }) => {
    expect(cellOf(value)).toBe(cell);
  });

  it('never begins a formula, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const cell = cellOf(text);
        expect(/^[=+@\t\r\n]/.test(cell)).toBe(false);
        expect(cell.startsWith('-') && !/^-\d+(?:\.\d+)?$/.test(cell)).toBe(false);
      }),
    );
  });
});

describe('a CSV document', () => {
  it('quotes what RFC 4180 has quoted, and ends each line with CRLF', () => {
    expect(
      csvText([
        ['id', 'name'],
        ['a,b', 'say "no"'],
        ['line\nbreak', 'x\ry'],
      ]),
    ).toBe('id,name\r\n"a,b","say ""no"""\r\n"line\nbreak","x\ry"\r\n');
  });
});
