import { describe, expect, it } from '@jest/globals';
import { type Position, position } from '@ringfence/kernel/units';
import { pageOf, pagePlan, type PageRequest } from '@ringfence/read-models/page';
import fc from 'fast-check';
import { pageOfMatches } from './number-search.js';

/** Rows 1 … count, the newest first, read as the database reads them. */
function readerOf(count: number) {
  const all = Array.from({ length: count }, (_, at) => position(at + 1));
  return (request: PageRequest) => {
    const { comparison, direction, from, fetch } = pagePlan(request);
    const beyond = all.filter((each) => from === null || (comparison === '<' ? each < from : each > from));
    const page = pageOf(
      request,
      (direction === 'asc' ? beyond : beyond.toReversed()).slice(0, fetch),
      (each) => each,
      (each) => each,
    );
    return Promise.resolve({ items: page.rows, page });
  };
}

describe('a search', () => {
  const cases = fc.record({
    count: fc.nat({ max: 2_500 }),
    every: fc.integer({ min: 1, max: 900 }),
    limit: fc.integer({ min: 1, max: 100 }),
  });

  it('leads through every match once, forwards and back', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, every, limit }) => {
        const matches = (each: Position) => each % every === 0;
        const expected = Array.from({ length: count }, (_, at) => position(count - at)).filter(matches);
        const read = readerOf(count);
        const forwards: Position[] = [];
        let last = await pageOfMatches({ limit }, matches, read);
        for (;;) {
          forwards.push(...last.items);
          if (last.page.next === null) break;
          last = await pageOfMatches({ limit, cursor: { after: last.page.next } }, matches, read);
        }
        expect(forwards).toEqual(expected);
        const backwards: Position[] = [...last.items];
        while (last.page.previous !== null) {
          last = await pageOfMatches({ limit, cursor: { before: last.page.previous } }, matches, read);
          backwards.unshift(...last.items);
        }
        expect(backwards).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});
