import { describe, expect, it } from '@jest/globals';
import { position } from '@ringfence/kernel/units';
import { type Page, pageOf, pagePlan, type PageRequest } from '@ringfence/read-models/page';
import fc from 'fast-check';
import { listBody, pageBytesMax, pageRequestOf } from './reading.js';

type Item = { readonly at: number; readonly text: string };
type List = {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
  readonly previous_cursor: string | null;
  readonly has_more: boolean;
};

/** Reads a page of a table as a query does. */
function pageFrom(items: readonly Item[], request: PageRequest): Page<Item> {
  const plan = pagePlan(request);
  const inOrder = items.toSorted((left, right) => (plan.direction === 'asc' ? left.at - right.at : right.at - left.at));
  const { from } = plan;
  const found = inOrder.filter(({ at }) => from === null || (plan.comparison === '<' ? at < from : at > from));
  return pageOf(
    request,
    found.slice(0, plan.fetch),
    ({ at }) => position(at),
    (item) => item,
  );
}

function asked(items: readonly Item[], query: Parameters<typeof pageRequestOf>[0]): List {
  const page = pageFrom(items, pageRequestOf(query));
  return listBody(page.rows, page) as List;
}

describe('a list', () => {
  const sizes = fc.array(fc.nat(pageBytesMax + 1_000), { maxLength: 12 });

  it('has pages of bounded bytes on which every item comes once, forwards and back again', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 5 }), (lengths, limit) => {
        const items = lengths.map((length, at) => ({ at, text: 'x'.repeat(length) }));
        const pages: List[] = [];
        for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
          const page: List = asked(items, { limit, cursor_after: cursor });
          pages.push(page);
          cursor = page.next_cursor;
          expect(page.has_more).toBe(cursor !== null);
        }
        expect(pages.flatMap(({ data }) => data.map(({ at }) => at))).toEqual(items.map(({ at }) => at).reverse());
        for (const { data } of pages)
          expect(data.length <= 1 || JSON.stringify(data).length <= pageBytesMax + data.length + 2).toBe(true);

        const back: number[] = [];
        let cursor = pages.at(-1)?.previous_cursor ?? null;
        while (cursor !== null) {
          const page = asked(items, { limit, cursor_before: cursor });
          back.unshift(...page.data.map(({ at }) => at));
          cursor = page.previous_cursor;
        }
        const shownBefore = pages.slice(0, -1).flatMap(({ data }) => data.map(({ at }) => at));
        expect(back).toEqual(shownBefore);
      }),
      { numRuns: 60 },
    );
  });
});
