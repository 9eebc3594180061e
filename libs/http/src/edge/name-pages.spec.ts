import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import { position, type Position } from '@ringfence/kernel/units';
import { type Page, pageOf, pagePlan, type PageRequest } from '@ringfence/read-models/page';
import { GatewayWorld } from '@ringfence/testing/gateway-world';
import type { SealedText } from '@ringfence/domain/shared/values';
import { NamePages } from './name-pages.js';
import { PersonalValues } from './reading.js';

type Row = { readonly createdPosition: Position; readonly clear: string; readonly name: SealedText };

const account = 'acc_00000000000000000000000001' as AccountId;
const names = Array.from({ length: 1_203 }, (_, at) =>
  at % 3 === 0 ? `Orders ${String(at)}` : `billing ${String(at)}`,
);
let rows: readonly Row[];
let pages: NamePages;
let reads: number;

beforeAll(async () => {
  const { vault } = await GatewayWorld.start();
  rows = await Promise.all(
    names.map(async (clear, at) => ({ createdPosition: position(at), clear, name: await vault.seal(account, clear) })),
  );
  pages = new NamePages(new PersonalValues(vault));
});

/** A read model with these rows, as its statement would find them. */
function list(request: PageRequest): Promise<Page<Row>> {
  reads += 1;
  const { comparison, direction, from, fetch } = pagePlan(request);
  const ordered = direction === 'desc' ? rows.toReversed() : rows;
  const found = ordered.filter(
    ({ createdPosition: at }) => from === null || (comparison === '<' ? at < from : at > from),
  );
  return Promise.resolve(
    pageOf(
      request,
      found.slice(0, fetch),
      ({ createdPosition }) => createdPosition,
      (row) => row,
    ),
  );
}

async function find(search: string | null, request: PageRequest): Promise<Page<Row>> {
  reads = 0;
  return pages.find(search, request, list);
}

describe('pages of names', () => {
  it('are those of the read model where nothing is searched', async () => {
    expect(await find(null, { limit: 5 })).toEqual(await list({ limit: 5 }));
    expect(reads).toBe(2);
  });

  it('have every match once, however many pages of either kind there are, in the order of the list', async () => {
    const found: string[] = [];
    let last: Page<Row> | undefined;
    for (let cursor: PageRequest['cursor'] = undefined; ;) {
      const page: Page<Row> = await find('ORDERS', { limit: 100, cursor });
      found.push(...page.rows.map(({ clear }) => clear));
      if (page.next === null) break;
      last = page;
      cursor = { after: page.next };
    }
    expect(found).toEqual(names.filter((name) => name.startsWith('Orders')).toReversed());
    const [before, newer] = [last?.positions.at(-1), last?.rows.slice(-51, -1)];
    if (before === undefined || newer === undefined) throw new Error('there was a page');
    const back = await find('orders', { limit: 50, cursor: { before } });
    expect(back.rows.map(({ clear }) => clear)).toEqual(newer.map(({ clear }) => clear));
  });

  it('are empty where no name matches', async () => {
    expect(await find('shipping', { limit: 10 })).toMatchObject({ rows: [], next: null, previous: null });
  });
});
