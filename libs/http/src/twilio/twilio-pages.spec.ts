import { describe, expect, it } from '@jest/globals';
import { type Position, position } from '@ringfence/kernel/units';
import { pageOf as rowsOf, pagePlan } from '@ringfence/read-models/page';
import { exampleAccountId } from '@ringfence/testing/examples';
import fc from 'fast-check';
import { pageBody, pageOf } from './twilio-pages.js';
import { queryOf, TwilioParameters } from './twilio-parameters.js';

type Body = { readonly calls: readonly { readonly at: Position }[]; readonly next_page_uri: string | null };

/** The page of a URI among calls 1 … count, the newest first. */
function answerTo(uri: string, count: number): Body {
  const parameters = TwilioParameters.read(queryOf(uri), 'query', ['PageSize', 'Page', 'PageToken', 'To']);
  const page = pageOf(parameters);
  const { comparison, direction, from, fetch } = pagePlan(page.request);
  const all = Array.from({ length: count }, (_, at) => position(at + 1));
  const beyond = all.filter((each) => from === null || (comparison === '<' ? each < from : each > from));
  const found = rowsOf(
    page.request,
    (direction === 'asc' ? beyond : beyond.toReversed()).slice(0, fetch),
    (each) => each,
    (each) => each,
  );
  const calls = found.rows.map((at) => ({ at }));
  return pageBody(calls, found, page, { accountId: exampleAccountId, parameters }) as Body;
}

describe('pages of calls', () => {
  it('lead through every call once, however they are cut, and keep the filter', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.integer({ min: 1, max: 1_000 }), (count, size) => {
        const found: Position[] = [];
        let uri: string | null = `/Calls.json?To=%2B15005550000&PageSize=${String(size)}`;
        while (uri !== null) {
          const page: Body = answerTo(uri, count);
          found.push(...page.calls.map(({ at }) => at));
          uri = page.next_page_uri;
          if (uri !== null) expect(uri).toContain('To=%2B15005550000');
        }
        expect(found).toEqual(Array.from({ length: count }, (_, at) => count - at));
      }),
    );
  });
});
