import { describe, expect, it } from '@jest/globals';
import {
  byExampleKey,
  exampleAccountId,
  exampleAppCreated,
  exampleAppId,
  exampleHistory,
  exampleSecretCreated,
  exampleSecretId,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { VoiceAppSettings } from './voice-app.events.js';
import { voiceAppsMax } from './voice-app.js';

const given = scenariosFor(accountModel);
const writer = exampleHistory({ scopes: ['apps:write', 'webhooks:write'] });
const secret = exampleSecretCreated();
const created = exampleAppCreated();
const later = addDuration(nine, durationMs(60_000));
const of = { accountId: exampleAccountId, appId: exampleAppId, nowMs: later, principal: byExampleKey } as const;
const { settings } = created;
const create = (more: Partial<VoiceAppSettings> = {}): AccountStreamCommand => ({
  type: 'CreateVoiceApp',
  ...of,
  settings: { ...settings, ...more },
  numberIds: [],
});
const change = (more: Partial<VoiceAppSettings>): AccountStreamCommand => ({
  type: 'ChangeVoiceApp',
  ...of,
  change: more,
});
const changed = (more: Partial<VoiceAppSettings>): AccountStreamEvent => ({
  type: 'VoiceAppChanged',
  appId: exampleAppId,
  mode: 'test',
  settings: { ...settings, ...more },
  changedAtMs: later,
});
const remove = { type: 'DeleteVoiceApp', ...of } as const;
const deleted: AccountStreamEvent = { type: 'VoiceAppDeleted', appId: exampleAppId, mode: 'test', deletedAtMs: later };
const removeSecret = {
  type: 'DeleteWebhookSecret',
  accountId: exampleAccountId,
  secretId: exampleSecretId,
  nowMs: later,
  principal: byExampleKey,
} as const;

describe('a voice app', () => {
  it('is created in the mode of the key that asks', () => {
    given(...writer)
      .when(create())
      .then({ ...created, createdAtMs: later });
    const live = writer.map((event) => (event.type === 'KeyIssued' ? { ...event, mode: 'live' as const } : event));
    given(...live)
      .when(create())
      .then({ ...created, mode: 'live', createdAtMs: later });
  });

  it('is created by no operator and by no key without the scope', () => {
    const principal = { kind: 'operator', name: 'ops' } as const;
    given(...writer)
      .when({ type: 'CreateVoiceApp', ...of, settings, numberIds: [], principal })
      .thenRefused({ code: 'presenter_not_allowed' });
    given(...exampleHistory({ scopes: ['webhooks:write', 'apps:read'] }))
      .when(create())
      .thenRefused({ code: 'scope_missing' });
  });

  it.each([
    ['one of its mode', secret, undefined],
    ['one of the other mode', { ...secret, mode: 'live' as const }, 'app_secret_unknown'],
    ['none that exists', undefined, 'app_secret_unknown'],
  ])('has a secret, %s', (_which, existing, code) => {
    const history = existing === undefined ? writer : [...writer, existing];
    const created_ = { ...created, settings: { ...settings, secretId: exampleSecretId }, createdAtMs: later };
    const creating = given(...history).when(create({ secretId: exampleSecretId }));
    const changing = given(...history, created).when(change({ secretId: exampleSecretId }));
    if (code === undefined) {
      creating.then(created_);
      changing.then(changed({ secretId: exampleSecretId }));
    } else {
      creating.thenRefused({ code: 'app_secret_unknown' });
      changing.thenRefused({ code: 'app_secret_unknown' });
    }
  });

  it('keeps the settings that a change does not name, and has the others', () => {
    const fallbackUrl = sealedExample('https://example.com/fallback');
    given(...writer, created)
      .when(change({ status: 'inactive' }))
      .then(changed({ status: 'inactive' }));
    given(...writer, created, changed({ status: 'inactive' }))
      .when(change({ fallbackUrl, channelLimit: null }))
      .then(changed({ status: 'inactive', fallbackUrl, channelLimit: null }));
    given(...writer, created)
      .when(change({}))
      .thenRefused({ code: 'nothing_to_change' });
  });

  it('is deleted once, and does not exist any more', () => {
    given(...writer, created)
      .when(remove)
      .then(deleted);
    for (const command of [remove, change({ status: 'inactive' })])
      given(...writer, created, deleted)
        .when(command)
        .thenRefused({ code: 'voice_app_unknown' });
  });

  it('keeps its secret from being deleted, until it has another, has none, or is gone', () => {
    const using = exampleAppCreated({ secretId: exampleSecretId });
    const gone: AccountStreamEvent = {
      type: 'WebhookSecretDeleted',
      secretId: exampleSecretId,
      mode: 'test',
      deletedAtMs: later,
    };
    given(...writer, secret, using)
      .when(removeSecret)
      .thenRefused({ code: 'webhook_secret_in_use' });
    for (const freed of [changed({ secretId: null }), deleted])
      given(...writer, secret, using, freed)
        .when(removeSecret)
        .then(gone);
  });

  it(`is one of at most ${String(voiceAppsMax)} of its mode; deleting one makes room`, () => {
    const ids = new PredictableIds(500);
    const many = Array.from({ length: voiceAppsMax }, () => exampleAppCreated({}, ids.voiceAppId()));
    const [first = created] = many;
    given(...writer, ...many)
      .when(create())
      .thenRefused({ code: 'voice_apps_exhausted' });
    given(...writer, ...many.map((each) => ({ ...each, mode: 'live' as const })))
      .when(create())
      .then({ ...created, createdAtMs: later });
    given(...writer, ...many, { type: 'VoiceAppDeleted', appId: first.appId, mode: 'test', deletedAtMs: later })
      .when(create())
      .then({ ...created, createdAtMs: later });
  });

  it('names a secret that exists in its mode, whatever is done in what order, also after a snapshot', () => {
    const ids = new PredictableIds(600);
    const secretIds = [ids.webhookSecretId(), ids.webhookSecretId()];
    const appIds = [ids.voiceAppId(), ids.voiceAppId()];
    const by = { accountId: exampleAccountId, nowMs: later, principal: byExampleKey } as const;
    const { name, value } = secret;
    const secretId = fc.constantFrom(...secretIds);
    const appId = fc.constantFrom(...appIds);
    const used = fc.option(secretId, { nil: null });
    const step: fc.Arbitrary<AccountStreamCommand> = fc.oneof(
      secretId.map((id): AccountStreamCommand => ({ type: 'CreateWebhookSecret', ...by, secretId: id, name, value })),
      secretId.map((id): AccountStreamCommand => ({ type: 'DeleteWebhookSecret', ...by, secretId: id })),
      fc.record({ appId, secretId: used }).map(({ appId: app, secretId: uses }): AccountStreamCommand => ({
        type: 'CreateVoiceApp',
        ...by,
        appId: app,
        settings: { ...settings, secretId: uses },
        numberIds: [],
      })),
      fc.record({ appId, secretId: used }).map(({ appId: app, secretId: uses }): AccountStreamCommand => ({
        type: 'ChangeVoiceApp',
        ...by,
        appId: app,
        change: { secretId: uses },
      })),
      appId.map((app): AccountStreamCommand => ({ type: 'DeleteVoiceApp', ...by, appId: app })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (commands) => {
        let state = writer.reduce<ReturnType<typeof accountModel.evolve>>(
          accountModel.evolve,
          accountModel.initialState,
        );
        for (const command of commands) {
          const decision = accountModel.decide(command, state);
          for (const event of decision.accepted ? decision.events : []) state = accountModel.evolve(state, event);
          for (const app of state.voiceApps.values()) {
            const uses = app.settings.secretId;
            if (uses !== null) expect(state.webhookSecrets.get(uses)?.mode).toBe(app.mode);
          }
        }
        const restored = accountModel.restore([...accountModel.snapshot(state)]);
        expect(restored.voiceApps.toJS()).toEqual(state.voiceApps.toJS());
      }),
    );
  });
});
