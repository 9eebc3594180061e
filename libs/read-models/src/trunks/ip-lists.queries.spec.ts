import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import type { IpListCreated, IpListEvent, IpListSettings } from '@ringfence/domain/trunks/ip-list.events';
import type { AccountId } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import { nine, sealedExample } from '@ringfence/testing/examples';
import { exampleIpListCreated, exampleIpListSettings } from '@ringfence/testing/trunk-examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { WrittenHistory } from '../written-history.contract.js';
import { FindIpList, ListIpLists } from './trunks.handlers.js';
import { trunksProjection } from './trunks.projection.js';

const ids = new PredictableIds(9_000);
let models: WrittenHistory;
let account: AccountId;
beforeAll(async () => {
  models = await WrittenHistory.start([trunksProjection]);
  ({ account } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

async function created(mode: 'live' | 'test' = 'test'): Promise<IpListCreated> {
  const event = { ...exampleIpListCreated(ids.ipListId()), mode };
  await models.record(event);
  return event;
}

const later = epochMs(nine + 60_000);
const shorter: IpListSettings = {
  name: sealedExample('renamed'),
  addresses: [{ address: sealedExample('198.51.100.7/32'), description: sealedExample('its only one') }],
};
function changed({ ipListId, mode, createdAtMs }: IpListCreated, settings = shorter): IpListEvent {
  return { type: 'IpListChanged', ipListId, mode, settings, createdAtMs, changedAtMs: later };
}

describe('IP lists', () => {
  it('are found by their own account and mode, and by operators', async () => {
    const { ipListId } = await created();
    const row = await ask(new FindIpList(ipListId, { accountId: account, mode: 'test' }));
    expect(row).toMatchObject({
      ...exampleIpListSettings,
      ...{ ipListId, accountId: account, mode: 'test', addressCount: 2, createdAtMs: nine, updatedAtMs: nine },
    });
    expect(await ask(new FindIpList(ipListId, null))).toEqual(row);
    expect(await ask(new FindIpList(ipListId, { accountId: account, mode: 'live' }))).toBeUndefined();
    const [, other] = models.history.accountIds;
    if (other === undefined) throw new Error('the history has two accounts');
    expect(await ask(new FindIpList(ipListId, { accountId: other, mode: 'test' }))).toBeUndefined();
  });

  it('are as their last events say, and gone with their addresses when they are deleted', async () => {
    const list = await created();
    const { ipListId, mode } = list;
    await models.record(changed(list));
    const shown = { ...shorter, addressCount: 1, createdAtMs: nine, updatedAtMs: later };
    expect(await ask(new FindIpList(ipListId, null))).toMatchObject(shown);
    await models.record(changed(list, exampleIpListSettings));
    expect(await ask(new FindIpList(ipListId, null))).toMatchObject({ ...exampleIpListSettings, addressCount: 2 });
    await models.record({ type: 'IpListDeleted', ipListId, mode, deletedAtMs: later });
    expect(await ask(new FindIpList(ipListId, null))).toBeUndefined();
    expect(await models.db.query('select 1 from trunks.ip_list_address where ip_list_id = $1', [ipListId])).toEqual([]);
  });

  it.each([1, 2, 3, 100])('are the same whether their events come by %i or all at once', async (size) => {
    const [kept, gone] = [exampleIpListCreated(ids.ipListId()), exampleIpListCreated(ids.ipListId())];
    const deleted = { type: 'IpListDeleted', ipListId: gone.ipListId, mode: 'test', deletedAtMs: later } as const;
    for (const event of [kept, gone, changed(gone), changed(kept), deleted])
      await models.history.appendTo(models.store, models.history.record(account, event));
    await models.write([size]);
    expect(await ask(new FindIpList(kept.ipListId, null))).toMatchObject({ ...shorter, addressCount: 1 });
    expect(await ask(new FindIpList(gone.ipListId, null))).toBeUndefined();
  });

  it('are listed newest first, page by page, and no page changes when one is added', async () => {
    const made = [await created('live'), await created('live'), await created('live')];
    const newest = made.toReversed().map(({ ipListId }) => ipListId);
    const owner = { accountId: account, mode: 'live' } as const;
    const first = await ask(new ListIpLists(owner, { limit: 2 }));
    expect(first.rows.map(({ ipListId }) => ipListId)).toEqual(newest.slice(0, 2));
    await created('live');
    if (first.next === null) throw new Error('there is a next page');
    const second = await ask(new ListIpLists(owner, { limit: 2, cursor: { after: first.next } }));
    expect(second.rows.map(({ ipListId }) => ipListId)).toEqual(newest.slice(2));
    if (second.previous === null) throw new Error('there is a previous page');
    const back = await ask(new ListIpLists(owner, { limit: 2, cursor: { before: second.previous } }));
    expect(back.rows.map(({ ipListId }) => ipListId)).toEqual(newest.slice(0, 2));
  });
});
