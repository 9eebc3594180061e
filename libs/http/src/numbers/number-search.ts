import type { Page, PageRequest } from '@ringfence/read-models/page';
import type { Position } from '@ringfence/kernel/units';
import { invariant } from '@ringfence/kernel/invariant';

/** Rows that are read at once while searching. */
const rowsPerRead = 1_000;

type Found<Item> = { readonly item: Item; readonly position: Position };

/**
 * The page of those items that match. Names and numbers are sealed, so that no index finds them: it reads on until the
 * page is full, through all numbers of an account if need be, which are at most `accountNumbersMax`.
 * @param read one page of rows as items, with their neighbours
 */
export async function pageOfMatches<Item>(
  request: PageRequest,
  matches: (item: Item) => boolean,
  read: (page: PageRequest) => Promise<{ readonly items: readonly Item[]; readonly page: Omit<Page<unknown>, 'rows'> }>,
): Promise<{ readonly items: readonly Item[]; readonly page: Omit<Page<unknown>, 'rows'> }> {
  const { limit, cursor } = request;
  const backwards = cursor !== undefined && 'before' in cursor;
  let found: readonly Found<Item>[] = [];
  for (let from: PageRequest['cursor'] = cursor; found.length <= limit;) {
    const { items, page } = await read({ limit: rowsPerRead, cursor: from });
    const matching = items
      .map((item, at) => ({ item, position: positionAt(page.positions, at) }))
      .filter(({ item }) => matches(item));
    found = backwards ? [...matching, ...found] : [...found, ...matching];
    const on = backwards ? page.previous : page.next;
    if (on === null) break;
    from = backwards ? { before: on } : { after: on };
  }
  const more = found.length > limit;
  const kept = backwards ? found.slice(-limit) : found.slice(0, limit);
  const [first, last] = [kept.at(0)?.position ?? null, kept.at(-1)?.position ?? null];
  return {
    items: kept.map(({ item }) => item),
    page: {
      next: backwards || more ? last : null,
      previous: backwards ? (more ? first : null) : cursor === undefined ? null : first,
      positions: kept.map(({ position }) => position),
      backwards,
    },
  };
}

function positionAt(positions: readonly Position[], at: number): Position {
  const position = positions[at];
  invariant(position !== undefined, 'every row has a position');
  return position;
}
