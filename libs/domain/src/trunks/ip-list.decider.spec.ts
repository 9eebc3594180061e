import { describe, expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import { byExampleKey, exampleAccountId, exampleHistory, nine, sealedExample } from '@ringfence/testing/examples';
import { exampleIpListCreated, exampleIpListId, exampleIpListSettings } from '@ringfence/testing/trunk-examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { accountModel, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { ChangeIpList } from './ip-list.commands.js';
import { ipListAddressesMax, ipListsMax } from './ip-list.js';

const given = scenariosFor(accountModel);
const writer = exampleHistory({ scopes: ['trunks:write'] });
const created = exampleIpListCreated();
const { IpListDeleted: deleted } = exampleEvents;
const later = addDuration(nine, durationMs(60_000));
const of = { accountId: exampleAccountId, ipListId: exampleIpListId, nowMs: later, principal: byExampleKey } as const;
const create = { type: 'CreateIpList', ...of, settings: exampleIpListSettings } as const;
const change = (settings: ChangeIpList['change']): ChangeIpList => ({ type: 'ChangeIpList', ...of, change: settings });
const remove = { type: 'DeleteIpList', ...of } as const;
const name = sealedExample('home');
const entry = (address: string) => ({ address: sealedExample(address), description: null });
const many = (count: number) => Array.from({ length: count }, (_, at) => entry(`203.0.113.${String(at)}/32`));

describe('an IP list', () => {
  it('is created in the mode of the key that asks', () => {
    given(...writer)
      .when(create)
      .then({ ...created, createdAtMs: later });
    const live = writer.map((event) => (event.type === 'KeyIssued' ? { ...event, mode: 'live' as const } : event));
    given(...live)
      .when(create)
      .then({ ...created, mode: 'live', createdAtMs: later });
  });

  it('is created by no operator, who has no mode, by no key without the scope, and once', () => {
    given(...writer)
      .when({ ...create, principal: { kind: 'operator', name: 'ops' } })
      .thenRefused({ code: 'presenter_not_allowed' });
    given(...exampleHistory({ scopes: ['trunks:read', 'apps:write'] }))
      .when(create)
      .thenRefused({ code: 'scope_missing' });
    given()
      .when({ ...create, principal: { kind: 'operator', name: 'ops' } })
      .thenRefused({ code: 'account_unknown' });
    given(...writer, created)
      .when(create)
      .thenRefused({ code: 'ip_list_already_created' });
  });

  it.each([
    { addresses: [], is: 'has none' },
    { addresses: many(ipListAddressesMax + 1), is: 'has too many' },
    { addresses: [entry('203.0.113.7/32'), entry('2001:db8::/64'), entry('203.0.113.7/32')], is: 'has one twice' },
  ])('is refused if it $is', ({ addresses }) => {
    given(...writer)
      .when({ ...create, settings: { ...exampleIpListSettings, addresses } })
      .thenRefused({ code: 'ip_list_invalid' });
    given(...writer, created)
      .when(change({ addresses }))
      .thenRefused({ code: 'ip_list_invalid' });
  });

  it('may have as many addresses as there may be', () => {
    const addresses = many(ipListAddressesMax);
    given(...writer)
      .when({ ...create, settings: { ...exampleIpListSettings, addresses } })
      .then({ ...created, settings: { ...exampleIpListSettings, addresses }, createdAtMs: later });
  });

  it('keeps what a change does not name, and says all of it', () => {
    const same = { type: 'IpListChanged', ipListId: exampleIpListId, mode: 'test', createdAtMs: nine } as const;
    given(...writer, created)
      .when(change({ name }))
      .then({ ...same, settings: { ...exampleIpListSettings, name }, changedAtMs: later });
    const addresses = [entry('198.51.100.0/24')];
    given(...writer, created)
      .when(change({ addresses }))
      .then({ ...same, settings: { ...exampleIpListSettings, addresses }, changedAtMs: later });
    given(...writer, created)
      .when(change({}))
      .thenRefused({ code: 'nothing_to_change' });
  });

  it('is deleted once, and does not exist any more', () => {
    given(...writer, created)
      .when(remove)
      .then({ ...deleted, deletedAtMs: later });
    for (const command of [remove, change({ name })])
      given(...writer, created, deleted)
        .when(command)
        .thenRefused({ code: 'ip_list_unknown' });
  });

  it(`is one of at most ${String(ipListsMax)} of its mode; deleting one makes room`, () => {
    const ids = new PredictableIds(500);
    const lists = Array.from({ length: ipListsMax }, () => exampleIpListCreated(ids.ipListId()));
    const [first = created] = lists;
    given(...writer, ...lists)
      .when(create)
      .thenRefused({ code: 'ip_lists_exhausted' });
    given(...writer, ...lists.map((each) => ({ ...each, mode: 'live' as const })))
      .when(create)
      .then({ ...created, createdAtMs: later });
    given(...writer, ...lists, { ...deleted, ipListId: first.ipListId })
      .when(create)
      .then({ ...created, createdAtMs: later });
  });

  it('survives a snapshot, whatever was done to how many', () => {
    const ids = new PredictableIds(600);
    const lists = Array.from({ length: 12 }, () => exampleIpListCreated(ids.ipListId()));
    const step = fc.record({ at: fc.nat(11), does: fc.constantFrom('create', 'change', 'delete') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const events = steps.map(({ at, does }): AccountStreamEvent => {
          const list = lists[at] ?? created;
          if (does === 'create') return list;
          const { ipListId } = list;
          return does === 'change' ? { ...exampleEvents.IpListChanged, ipListId } : { ...deleted, ipListId };
        });
        const state = [...writer, ...events].reduce(accountModel.evolve, accountModel.initialState);
        const restored = accountModel.restore([...accountModel.snapshot(state)]);
        expect(restored.ipLists.toJS()).toEqual(state.ipLists.toJS());
        expect(accountModel.size(restored)).toBe(accountModel.size(state));
      }),
    );
  });
});
