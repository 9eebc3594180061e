import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PackedLines } from './packed-lines.js';

const fields = { indexes: { id: [0], word: [1, 2] }, distinct: [3], mark: 4 };
/** The fields of a line: id, two words, colour, mark, and a text that nothing is kept of. */
type Line = readonly [id: string, word: string, other: string, colour: string, mark: string, text: string];

function packed(pages: readonly (readonly Line[])[]): PackedLines<'id' | 'word'> {
  const lines = new PackedLines(fields);
  for (const page of pages) lines.add(page.map((line) => `${line.join('\t')}\n`).join(''));
  return lines;
}

const one: Line = ['1', 'left', 'right', 'red', '', 'é'];
const two: Line = ['2', 'up', '', 'red', 'x', ''];
const three: Line = ['3', 'down', '', '', '', 'text'];

describe('packed lines', () => {
  it('are found by the values of each field of an index, and by nothing else', () => {
    const lines = packed([[one, two], [three]]);
    const found = (index: 'id' | 'word', value: string) => {
      const line = lines.find(index, value);
      return line === undefined ? undefined : lines.fields(line);
    };
    expect([found('id', '1'), found('word', 'left'), found('word', 'right')]).toEqual([one, one, one]);
    expect([found('id', '3'), found('word', 'down')]).toEqual([three, three]);
    for (const value of ['', '4', 'red', 'x', 'text', 'lef', 'left\tright'])
      expect(found('word', value)).toBeUndefined();
  });

  it('give the distinct values and the marked lines', () => {
    const lines = packed([[one, two], [three]]);
    expect([...lines.distinct]).toEqual(['red']);
    expect(lines.marked.map((line) => lines.fields(line))).toEqual([two]);
  });

  it('are neither found nor counted once they are removed, however often that is', () => {
    const lines = packed([[one, two], [three]]);
    const line = lines.find('id', '2') ?? Number.NaN;
    lines.remove(line);
    lines.remove(line);
    expect([lines.size, lines.find('id', '2'), lines.find('word', 'up')]).toEqual([2, undefined, undefined]);
    expect([...lines.numbers()].map((number) => lines.fields(number))).toEqual([one, three]);
  });

  it('are found as in a map, however many there are, of whatever hashes and in whatever pages', () => {
    const id = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 16 });
    const ids = fc.uniqueArray(id, { maxLength: 3_000, size: 'max' });
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 1_000 }), fc.func(fc.boolean()), (all, inPage, isRemoved) => {
        const pages = Array.from({ length: Math.ceil(all.length / inPage) }, (_, page) =>
          all.slice(page * inPage, (page + 1) * inPage).map((each): Line => [each, `w${each}`, '', '', '', '']),
        );
        const lines = packed(pages);
        const left = new Set(all.filter((each) => !isRemoved(each)));
        for (const each of all) if (!left.has(each)) lines.remove(lines.find('id', each) ?? Number.NaN);
        expect(lines.size).toBe(left.size);
        for (const each of all) {
          const byId = lines.find('id', each);
          expect(byId === undefined ? undefined : lines.fields(byId)[0]).toBe(left.has(each) ? each : undefined);
          expect(lines.find('word', `w${each}`)).toBe(byId);
        }
      }),
      { numRuns: 20 },
    );
  });
});
