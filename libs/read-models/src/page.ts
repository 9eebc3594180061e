import { invariant } from '@ringfence/kernel/invariant';
import type { Position } from '@ringfence/kernel/units';

const pageLimitMax = 1_000;

/**
 * The page of a list that is ordered by a position, newest first: after or before that position; neither: the first
 * page.
 */
export type PageRequest = {
  /** 1 … pageLimitMax */
  readonly limit: number;
  readonly cursor?: { readonly after: Position } | { readonly before: Position } | undefined;
};

/**
 * A page of a list. `next` and `previous` are cursors for `after` and `before`; null: there are no more rows. Rows
 * added later change no page.
 */
export type Page<Row> = {
  readonly rows: readonly Row[];
  readonly next: Position | null;
  readonly previous: Position | null;
  /** Position of each row, usable as a cursor. */
  readonly positions: readonly Position[];
  /** True for the page before a cursor. To shorten it, keep its last rows. */
  readonly backwards: boolean;
};

/** Plan of a page's statement: one row more than the page has shows whether there are more. */
type PagePlan = {
  readonly comparison: '<' | '>';
  readonly direction: 'desc' | 'asc';
  /** null: compare with nothing. */
  readonly from: Position | null;
  readonly fetch: number;
};

export function pagePlan({ limit, cursor }: PageRequest): PagePlan {
  invariant(Number.isSafeInteger(limit) && limit >= 1 && limit <= pageLimitMax, 'a page has 1 to pageLimitMax rows');
  const fetch = limit + 1;
  if (cursor === undefined) return { comparison: '<', direction: 'desc', from: null, fetch };
  if ('after' in cursor) return { comparison: '<', direction: 'desc', from: cursor.after, fetch };
  return { comparison: '>', direction: 'asc', from: cursor.before, fetch };
}

/** @param found rows of the plan's statement, at most `limit + 1` */
export function pageOf<Found, Row>(
  request: PageRequest,
  found: readonly Found[],
  positionOf: (found: Found) => Position,
  rowOf: (found: Found) => Row,
): Page<Row> {
  const backwards = request.cursor !== undefined && 'before' in request.cursor;
  const more = found.length > request.limit;
  const kept = found.slice(0, request.limit);
  if (backwards) kept.reverse();
  const [first, last] = [kept.at(0), kept.at(-1)];
  const olderThere = backwards ? kept.length > 0 : more;
  const newerThere = backwards ? more : request.cursor !== undefined;
  return {
    rows: kept.map(rowOf),
    next: olderThere && last !== undefined ? positionOf(last) : null,
    previous: newerThere && first !== undefined ? positionOf(first) : null,
    positions: kept.map(positionOf),
    backwards,
  };
}
