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
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { asSecret } from '../shared/values.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { ChangeWebhookSecret } from './webhook.commands.js';
import { secretOverlapMsMax } from './webhook-secret.decider.js';
import { webhookSecretsMax } from './webhook-secret.js';

const given = scenariosFor(accountModel);
const writer = exampleHistory({ scopes: ['webhooks:write'] });
const created = exampleSecretCreated();
const { WebhookSecretDeleted: deleted } = exampleEvents;
const later = addDuration(nine, durationMs(60_000));
const of = { accountId: exampleAccountId, secretId: exampleSecretId, nowMs: later, principal: byExampleKey } as const;
const create = { type: 'CreateWebhookSecret', ...of, name: created.name, value: created.value } as const;
const next = asSecret(sealedExample('whsec_next'));
const renamed = sealedExample('billing');
const change = (more: Pick<ChangeWebhookSecret, 'name' | 'rotation'>): AccountStreamCommand => ({
  type: 'ChangeWebhookSecret',
  ...of,
  ...more,
});
const rotation = { value: next, overlapMs: durationMs(5_000) };
const remove = { type: 'DeleteWebhookSecret', ...of } as const;
const same = { secretId: exampleSecretId, mode: 'test', name: created.name, createdAtMs: nine } as const;
const rotated: AccountStreamEvent = {
  type: 'WebhookSecretRotated',
  ...same,
  value: next,
  previousValue: created.value,
  overlapUntilMs: addDuration(later, durationMs(5_000)),
  rotatedAtMs: later,
};

describe('a webhook secret', () => {
  it('is created in the mode of the key that asks', () => {
    given(...writer)
      .when(create)
      .then({ ...created, createdAtMs: later });
    const live = writer.map((event) => (event.type === 'KeyIssued' ? { ...event, mode: 'live' as const } : event));
    given(...live)
      .when(create)
      .then({ ...created, mode: 'live', createdAtMs: later });
  });

  it('is created by no operator, who has no mode', () => {
    const principal = { kind: 'operator', name: 'ops' } as const;
    given(...writer)
      .when({ ...create, principal })
      .thenRefused({ code: 'presenter_not_allowed' });
  });

  it('is not created by a key without the scope, nor in an account that was never opened', () => {
    given(...exampleHistory({ scopes: ['apps:write', 'apps:read'] }))
      .when(create)
      .thenRefused({ code: 'scope_missing' });
    given()
      .when({ ...create, principal: { kind: 'operator', name: 'ops' } })
      .thenRefused({ code: 'account_unknown' });
  });

  it('has a new name, and nothing else is changed', () => {
    given(...writer, created)
      .when(change({ name: renamed, rotation: null }))
      .then({
        type: 'WebhookSecretRenamed',
        ...same,
        name: renamed,
        rotatedAtMs: null,
        overlapUntilMs: null,
        renamedAtMs: later,
      });
  });

  it('has a new value, and the one before signs until the overlap ends', () => {
    given(...writer, created)
      .when(change({ name: null, rotation }))
      .then(rotated);
  });

  it('has a new value and a new name in one event', () => {
    given(...writer, created)
      .when(change({ name: renamed, rotation }))
      .then({ ...rotated, name: renamed });
  });

  it('keeps the value of its last rotation as the previous one, and says so when it is renamed', () => {
    const third = asSecret(sealedExample('whsec_third'));
    given(...writer, created, rotated)
      .when(change({ name: null, rotation: { value: third, overlapMs: durationMs(0) } }))
      .then({ ...rotated, value: third, previousValue: next, overlapUntilMs: later });
    given(...writer, created, rotated)
      .when(change({ name: renamed, rotation: null }))
      .then({
        type: 'WebhookSecretRenamed',
        ...same,
        name: renamed,
        rotatedAtMs: later,
        overlapUntilMs: addDuration(later, durationMs(5_000)),
        renamedAtMs: later,
      });
  });

  it.each([
    [durationMs(secretOverlapMsMax), true],
    [durationMs(secretOverlapMsMax + 1), false],
  ])('signs with two values for %i ms: %s', (overlapMs, isAccepted) => {
    const state = [...writer, created].reduce(accountModel.evolve, accountModel.initialState);
    const decision = accountModel.decide(change({ name: null, rotation: { value: next, overlapMs } }), state);
    expect(decision.accepted || decision.refusal.code).toBe(isAccepted || 'overlap_too_long');
  });

  it('is deleted once, and does not exist any more', () => {
    given(...writer, created)
      .when(remove)
      .then({ ...deleted, deletedAtMs: later });
    const gone = [...writer, created, deleted];
    for (const command of [remove, change({ name: renamed, rotation: null })])
      given(...gone)
        .when(command)
        .thenRefused({ code: 'webhook_secret_unknown' });
  });

  it(`is one of at most ${String(webhookSecretsMax)} of its mode; deleting one makes room`, () => {
    const ids = new PredictableIds(500);
    const many = Array.from({ length: webhookSecretsMax }, () => exampleSecretCreated(ids.webhookSecretId()));
    const [first = created] = many;
    given(...writer, ...many)
      .when(create)
      .thenRefused({ code: 'webhook_secrets_exhausted' });
    given(...writer, ...many.map((each) => ({ ...each, mode: 'live' as const })))
      .when(create)
      .then({ ...created, createdAtMs: later });
    given(...writer, ...many, { ...deleted, secretId: first.secretId })
      .when(create)
      .then({ ...created, createdAtMs: later });
  });

  it('survives a snapshot, whatever was done to how many', () => {
    const ids = new PredictableIds(600);
    const secrets = Array.from({ length: 3 }, () => exampleSecretCreated(ids.webhookSecretId()));
    const step = fc.record({ at: fc.nat(2), does: fc.constantFrom('create', 'rotate', 'rename', 'delete') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const events = steps.map(({ at, does }): AccountStreamEvent => {
          const secret = secrets[at] ?? created;
          const { secretId } = secret;
          if (does === 'create') return secret;
          if (does === 'rotate') return { ...rotated, secretId };
          return does === 'rename'
            ? { ...exampleEvents.WebhookSecretRenamed, secretId }
            : { ...exampleEvents.WebhookSecretDeleted, secretId };
        });
        const state = [...writer, ...events].reduce(accountModel.evolve, accountModel.initialState);
        const restored = accountModel.restore([...accountModel.snapshot(state)]);
        expect(restored.webhookSecrets.toJS()).toEqual(state.webhookSecrets.toJS());
        expect(accountModel.size(restored)).toBe(accountModel.size(state));
      }),
    );
  });
});
