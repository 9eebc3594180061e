import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import type { SipTrunkCreated, SipTrunkEvent, SipTrunkSettings } from '@ringfence/domain/trunks/sip-trunk.events';
import type { AccountId } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import { nine, sealedExample } from '@ringfence/testing/examples';
import {
  exampleIpListCreated,
  exampleIpListSettings,
  exampleTrunkCreated,
  exampleTrunkSettings,
} from '@ringfence/testing/trunk-examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { WrittenHistory } from '../written-history.contract.js';
import { FindIpList, FindIpListNames, FindSipTrunk, ListSipTrunks, ListTrunksOfSecrets } from './trunks.handlers.js';
import { trunksProjection } from './trunks.projection.js';

const ids = new PredictableIds(11_000);
let models: WrittenHistory;
let account: AccountId;
beforeAll(async () => {
  models = await WrittenHistory.start([trunksProjection]);
  ({ account } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

async function created(
  settings: Partial<SipTrunkSettings> = {},
  mode: 'live' | 'test' = 'test',
): Promise<SipTrunkCreated> {
  const event = { ...exampleTrunkCreated(settings, ids.sipTrunkId()), mode };
  await models.record(event);
  return event;
}

const later = epochMs(nine + 60_000);
const others = {
  isActive: false,
  transport: 'tcp',
  cpsLimit: 3,
  recordingEnabled: true,
  webhookUrl: sealedExample('https://example.com/webhooks'),
  inboundRoute: { name: sealedExample('exchange'), sipUrl: sealedExample('sip:pbx.example.com'), sipUser: null },
} as const;
const addresses = [
  { name: sealedExample('old line'), address: sealedExample('203.0.113.7') },
  { name: null, address: sealedExample('2001:db8::7') },
];
const withAddresses: Partial<SipTrunkSettings> = { ...others, authentication: { kind: 'addresses', addresses } };
function changed({ trunkId, mode, createdAtMs }: SipTrunkCreated, settings = withAddresses): SipTrunkEvent {
  const all = { ...exampleTrunkSettings, ...settings };
  return { type: 'SipTrunkChanged', trunkId, mode, settings: all, createdAtMs, changedAtMs: later };
}

describe('SIP trunks', () => {
  it('are found by their own account and mode, and by operators', async () => {
    const { trunkId } = await created();
    const row = await ask(new FindSipTrunk(trunkId, { accountId: account, mode: 'test' }));
    const { authentication: _, ...settings } = exampleTrunkSettings;
    expect(row).toMatchObject({
      ...settings,
      ...{ trunkId, accountId: account, authentication: 'credential', username: sealedExample('office') },
      ...{ addresses: [], ipListId: null, createdAtMs: nine, updatedAtMs: nine },
    });
    expect(await ask(new FindSipTrunk(trunkId, null))).toEqual(row);
    expect(await ask(new FindSipTrunk(trunkId, { accountId: account, mode: 'live' }))).toBeUndefined();
    const [, other] = models.history.accountIds;
    if (other === undefined) throw new Error('the history has two accounts');
    expect(await ask(new FindSipTrunk(trunkId, { accountId: other, mode: 'test' }))).toBeUndefined();
  });

  it('are as their last events say, and gone with their addresses when they are deleted', async () => {
    const trunk = await created();
    const { trunkId, mode } = trunk;
    await models.record(changed(trunk));
    expect(await ask(new FindSipTrunk(trunkId, null))).toMatchObject({
      ...others,
      ...{ authentication: 'addresses', addresses, username: null, createdAtMs: nine, updatedAtMs: later },
    });
    await models.record(changed(trunk, {}));
    expect(await ask(new FindSipTrunk(trunkId, null))).toMatchObject({
      ...{ authentication: 'credential', addresses: [], inboundRoute: null, webhookUrl: null },
    });
    await models.record({ type: 'SipTrunkDeleted', trunkId, mode, deletedAtMs: later });
    expect(await ask(new FindSipTrunk(trunkId, null))).toBeUndefined();
    expect(await models.db.query('select 1 from trunks.trunk_address where trunk_id = $1', [trunkId])).toEqual([]);
  });

  it.each([1, 2, 3, 100])('are the same whether their events come by %i or all at once', async (size) => {
    const [kept, gone] = [exampleTrunkCreated({}, ids.sipTrunkId()), exampleTrunkCreated({}, ids.sipTrunkId())];
    const deleted = { type: 'SipTrunkDeleted', trunkId: gone.trunkId, mode: 'test', deletedAtMs: later } as const;
    for (const event of [kept, gone, changed(gone), changed(kept), deleted])
      await models.history.appendTo(models.store, models.history.record(account, event));
    await models.write([size]);
    expect(await ask(new FindSipTrunk(kept.trunkId, null))).toMatchObject({ ...others, addresses });
    expect(await ask(new FindSipTrunk(gone.trunkId, null))).toBeUndefined();
  });

  it('are counted by their IP list, and found by their secret', async () => {
    const list = exampleIpListCreated(ids.ipListId());
    const { ipListId } = list;
    const secretId = ids.webhookSecretId();
    await models.record(list);
    const countOf = async () => (await ask(new FindIpList(ipListId, null)))?.trunkCount;
    expect(await countOf()).toBe(0);
    const trunk = await created({ authentication: { kind: 'ip_list', ipListId }, secretId });
    await created({ authentication: { kind: 'ip_list', ipListId } });
    expect(await countOf()).toBe(2);
    expect(await ask(new FindSipTrunk(trunk.trunkId, null))).toMatchObject({ authentication: 'ip_list', ipListId });
    expect(await ask(new FindIpListNames([ipListId, ids.ipListId()]))).toEqual([
      { ipListId, name: exampleIpListSettings.name },
    ]);
    const { name } = exampleTrunkSettings;
    expect(await ask(new ListTrunksOfSecrets([secretId, ids.webhookSecretId()]))).toEqual([
      { secretId, trunkId: trunk.trunkId, name },
    ]);
    await models.record(changed(trunk));
    expect(await countOf()).toBe(1);
    expect(await ask(new ListTrunksOfSecrets([secretId]))).toEqual([]);
  });

  it('hold nothing of a password', async () => {
    const columns = await models.db.query<{ column_name: string }>(
      `select column_name from information_schema.columns where table_schema = 'trunks'`,
    );
    expect(columns.map(({ column_name: name }) => name).filter((name) => /digest|password/.test(name))).toEqual([]);
  });

  it('are listed newest first, page by page, by state, and no page changes when one is added', async () => {
    const made = [await created({}, 'live'), await created({ isActive: false }, 'live'), await created({}, 'live')];
    const newest = made.toReversed().map(({ trunkId }) => trunkId);
    const owner = { accountId: account, mode: 'live', isActive: null } as const;
    const idsOf = async (filter: object, page: object) => {
      const found = await ask(new ListSipTrunks({ ...owner, ...filter }, { limit: 100, ...page }));
      return found.rows.map(({ trunkId }) => trunkId);
    };
    const first = await ask(new ListSipTrunks(owner, { limit: 2 }));
    expect(first.rows.map(({ trunkId }) => trunkId)).toEqual(newest.slice(0, 2));
    expect(await idsOf({ isActive: false }, {})).toEqual([newest[1]]);
    expect(await idsOf({ isActive: true }, {})).toEqual([newest[0], newest[2]]);
    await created({}, 'live');
    if (first.next === null) throw new Error('there is a next page');
    expect(await idsOf({}, { limit: 2, cursor: { after: first.next } })).toEqual(newest.slice(2));
  });
});
