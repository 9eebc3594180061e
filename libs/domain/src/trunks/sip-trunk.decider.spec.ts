import { describe, expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import {
  byExampleKey,
  exampleAccountId,
  exampleHistory,
  exampleSecretCreated,
  exampleSecretId,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import {
  exampleIpListCreated,
  exampleIpListId,
  exampleTrunkCreated,
  exampleTrunkId,
  exampleTrunkSettings,
} from '@ringfence/testing/trunk-examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { accountModel, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { ChangeSipTrunk, CreateSipTrunk } from './sip-trunk.commands.js';
import { sipTransports, type SipTrunkSettings, type TrunkAuthentication } from './sip-trunk.events.js';
import { sipTrunksMax, trunkAddressesMax } from './sip-trunk.js';

const given = scenariosFor(accountModel);
const writer = exampleHistory({ scopes: ['trunks:write', 'webhooks:write'] });
const created = exampleTrunkCreated();
const { SipTrunkDeleted: deleted, IpListDeleted, WebhookSecretDeleted } = exampleEvents;
const later = addDuration(nine, durationMs(60_000));
const of = { accountId: exampleAccountId, trunkId: exampleTrunkId, nowMs: later, principal: byExampleKey } as const;
const create = (settings: Partial<SipTrunkSettings> = {}): CreateSipTrunk => ({
  type: 'CreateSipTrunk',
  ...of,
  settings: { ...exampleTrunkSettings, ...settings },
});
const change = (settings: ChangeSipTrunk['change']): ChangeSipTrunk => ({
  type: 'ChangeSipTrunk',
  ...of,
  change: settings,
});
const changed = (settings: Partial<SipTrunkSettings>) =>
  ({
    type: 'SipTrunkChanged',
    trunkId: exampleTrunkId,
    mode: 'test',
    settings: { ...exampleTrunkSettings, ...settings },
    createdAtMs: nine,
    changedAtMs: later,
  }) as const;
const remove = { type: 'DeleteSipTrunk', ...of } as const;
const name = sealedExample('home line');
const withIpList: TrunkAuthentication = { kind: 'ip_list', ipListId: exampleIpListId };
const withAddresses = (...texts: readonly string[]): TrunkAuthentication => ({
  kind: 'addresses',
  addresses: texts.map((text) => ({ name: null, address: sealedExample(text) })),
});
const live = <Event extends AccountStreamEvent>(event: Event): Event => ({ ...event, mode: 'live' });

describe('a SIP trunk', () => {
  it('is created in the mode of the key that asks', () => {
    given(...writer)
      .when(create())
      .then({ ...created, createdAtMs: later });
    given(...writer.map((event) => (event.type === 'KeyIssued' ? live(event) : event)))
      .when(create())
      .then({ ...created, mode: 'live', createdAtMs: later });
  });

  it('is created by no operator, who has no mode, by no key without the scope, and once', () => {
    given(...writer)
      .when({ ...create(), principal: { kind: 'operator', name: 'ops' } })
      .thenRefused({ code: 'presenter_not_allowed' });
    given(...exampleHistory({ scopes: ['trunks:read', 'apps:write'] }))
      .when(create())
      .thenRefused({ code: 'scope_missing' });
    given(...writer, created)
      .when(create())
      .thenRefused({ code: 'sip_trunk_already_created' });
  });

  it.each(sipTransports)(
    'over %s is recognised by a credential; by addresses only where they cannot be forged',
    (transport) => {
      given(...writer)
        .when(create({ transport }))
        .then({ ...exampleTrunkCreated({ transport }), createdAtMs: later });
      for (const authentication of [withAddresses('203.0.113.7'), withIpList]) {
        const trunk = given(...writer, exampleIpListCreated()).when(create({ transport, authentication }));
        if (transport === 'udp') trunk.thenRefused({ code: 'sip_trunk_invalid' });
        else trunk.then({ ...exampleTrunkCreated({ transport, authentication }), createdAtMs: later });
      }
    },
  );

  it('keeps the rule of UDP over changes of either half', () => {
    const overUdp = exampleTrunkCreated({ transport: 'udp' });
    given(...writer, overUdp)
      .when(change({ authentication: withAddresses('203.0.113.7') }))
      .thenRefused({ code: 'sip_trunk_invalid' });
    given(...writer, overUdp)
      .when(change({ authentication: withAddresses('203.0.113.7'), transport: 'tcp' }))
      .then(changed({ authentication: withAddresses('203.0.113.7'), transport: 'tcp' }));
    given(...writer, exampleTrunkCreated({ authentication: withAddresses('203.0.113.7') }))
      .when(change({ transport: 'udp' }))
      .thenRefused({ code: 'sip_trunk_invalid' });
  });

  it(`has 1 to ${String(trunkAddressesMax)} addresses of its own, each once`, () => {
    const texts = Array.from({ length: trunkAddressesMax + 1 }, (_, at) => `203.0.113.${String(at)}`);
    for (const authentication of [withAddresses(), withAddresses(...texts), withAddresses('::1:1', '::1:1')])
      given(...writer)
        .when(create({ authentication }))
        .thenRefused({ code: 'sip_trunk_invalid' });
    const authentication = withAddresses(...texts.slice(1));
    given(...writer)
      .when(create({ authentication }))
      .then({ ...exampleTrunkCreated({ authentication }), createdAtMs: later });
  });

  it('uses an IP list and a secret of its mode, and no others', () => {
    const both = { authentication: withIpList, secretId: exampleSecretId };
    given(...writer, exampleIpListCreated(), exampleSecretCreated())
      .when(create(both))
      .then({ ...exampleTrunkCreated(both), createdAtMs: later });
    for (const history of [[exampleSecretCreated()], [live(exampleIpListCreated()), exampleSecretCreated()]])
      given(...writer, ...history)
        .when(create(both))
        .thenRefused({ code: 'trunk_ip_list_unknown' });
    for (const history of [[exampleIpListCreated()], [exampleIpListCreated(), live(exampleSecretCreated())]])
      given(...writer, ...history)
        .when(create(both))
        .thenRefused({ code: 'trunk_secret_unknown' });
    given(...writer, created)
      .when(change({ secretId: exampleSecretId }))
      .thenRefused({ code: 'trunk_secret_unknown' });
  });

  it('keeps its IP list and its secret from being deleted, until it has others or is gone', () => {
    const used = exampleTrunkCreated({ authentication: withIpList, secretId: exampleSecretId });
    const history = [...writer, exampleIpListCreated(), exampleSecretCreated(), used];
    const deleteList = { ...of, type: 'DeleteIpList', ipListId: exampleIpListId } as const;
    const deleteSecret = { ...of, type: 'DeleteWebhookSecret', secretId: exampleSecretId } as const;
    given(...history)
      .when(deleteList)
      .thenRefused({ code: 'ip_list_in_use' });
    given(...history)
      .when(deleteSecret)
      .thenRefused({ code: 'webhook_secret_in_use' });
    for (const free of [deleted, changed({})]) {
      given(...history, free)
        .when(deleteList)
        .then({ ...IpListDeleted, deletedAtMs: later });
      given(...history, free)
        .when(deleteSecret)
        .then({ ...WebhookSecretDeleted, deletedAtMs: later });
    }
  });

  it('keeps what a change does not name, and says all of it', () => {
    given(...writer, created)
      .when(change({ name, channelLimit: null, isActive: false }))
      .then(changed({ name, channelLimit: null, isActive: false }));
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
        .thenRefused({ code: 'sip_trunk_unknown' });
  });

  it(`is one of at most ${String(sipTrunksMax)} of its mode; deleting one makes room`, () => {
    const ids = new PredictableIds(500);
    const trunks = Array.from({ length: sipTrunksMax }, () => exampleTrunkCreated({}, ids.sipTrunkId()));
    const [first = created] = trunks;
    given(...writer, ...trunks)
      .when(create())
      .thenRefused({ code: 'sip_trunks_exhausted' });
    given(...writer, ...trunks.map(live))
      .when(create())
      .then({ ...created, createdAtMs: later });
    given(...writer, ...trunks, { ...deleted, trunkId: first.trunkId })
      .when(create())
      .then({ ...created, createdAtMs: later });
  });

  it('survives a snapshot, whatever was done to how many', () => {
    const ids = new PredictableIds(600);
    const trunks = Array.from({ length: 3 }, () => exampleTrunkCreated({}, ids.sipTrunkId()));
    const step = fc.record({ at: fc.nat(2), does: fc.constantFrom('create', 'change', 'delete') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const events = steps.map(({ at, does }): AccountStreamEvent => {
          const trunk = trunks[at] ?? created;
          if (does === 'create') return trunk;
          const { trunkId } = trunk;
          return does === 'change' ? { ...exampleEvents.SipTrunkChanged, trunkId } : { ...deleted, trunkId };
        });
        const state = [...writer, ...events].reduce(accountModel.evolve, accountModel.initialState);
        const restored = accountModel.restore([...accountModel.snapshot(state)]);
        expect(restored.sipTrunks.toJS()).toEqual(state.sipTrunks.toJS());
        expect(accountModel.size(restored)).toBe(accountModel.size(state));
      }),
    );
  });
});
