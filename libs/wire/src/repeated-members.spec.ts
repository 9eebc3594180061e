import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasRepeatedMember } from './repeated-members.js';

const repeats = (text: string) => hasRepeatedMember(text, JSON.parse(text));

it.each([
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":1}',
  '{"b":[{"a":{},"c":":","a":null}]}',
  '{"":1,"":1}',
  '{"data":{"a":1},"data":{"a":1}}',
])('finds the member that occurs twice in %s', (text) => {
  expect(repeats(text)).toBe(true);
});

it.each([
  '{}',
  '[]',
  '7',
  'null',
  '":"',
  '{"a":"{\\"a\\":1,\\"a\\":2}"}',
  '{"a":{"a":[{"a":1},{"a":2}]}}',
  '{"a\\\\":":"}',
])('finds none in %s', (text) => {
  expect(repeats(text)).toBe(false);
});

it('finds none in whatever a serialiser writes, and the one that is put into it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), fc.jsonValue(), (value, name, other) => {
      expect(repeats(JSON.stringify(value))).toBe(false);
      const member = `${JSON.stringify(name)}:${JSON.stringify(other)}`;
      expect(repeats(`{${member},"x":${JSON.stringify(value)},${member}}`)).toBe(true);
    }),
  );
});
