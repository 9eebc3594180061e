import { describe, expect, it } from '@jest/globals';
import { optional, required } from './command-field.js';
import { inOneForm, singleLine } from '../field-rule.js';
import { objectList, objectWith } from './object-rules.js';

const members = { name: required(singleLine(5), 'Its name.'), note: optional(singleLine(5), 'A note.') };
const one = objectWith(members, 'is a name with a note or without');
const some = objectList(members, 2, 'a name with a note or without');

describe('an object in a field', () => {
  it.each([
    [{ name: 'a' }, true],
    [{ name: 'a', note: null }, true],
    [{ name: 'a', note: 'b' }, true],
    [{ note: 'b' }, false],
    [{ name: null }, false],
    [{ name: 'a', note: 7 }, false],
    [{ name: 'a', more: 'b' }, false],
    [JSON.parse('{"name":"a","__proto__":{"note":"b"}}'), false],
    [Object.create({ name: 'a' }), false],
    [['a'], false],
    ['a', false],
    [null, false],
  ])('%j is valid: %s', (value: unknown, isValid) => {
    expect(one.isValid(value)).toBe(isValid);
    expect(some.isValid([value])).toBe(isValid);
  });

  it('is one of a list that is not empty and has no more than it may have', () => {
    expect(some.isValid([])).toBe(false);
    expect(some.isValid([{ name: 'a' }, { name: 'a' }])).toBe(true);
    expect(some.isValid([{ name: 'a' }, { name: 'a' }, { name: 'a' }])).toBe(false);
  });

  it('has its text in Unicode’s form C, however deep a client nests it', () => {
    expect(inOneForm([{ name: 'e\u0301' }])).toEqual([{ name: '\u00e9' }]);
    let nested: unknown = 'e\u0301';
    for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];
    expect(one.isValid(inOneForm(nested))).toBe(false);
  });
});
