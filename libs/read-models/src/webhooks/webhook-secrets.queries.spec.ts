import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import { asSecret } from '@ringfence/domain/shared/values';
import type { WebhookEvent, WebhookSecretCreated } from '@ringfence/domain/webhooks/webhook.events';
import type { AccountId } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import { exampleSecretCreated, nine, sealedExample } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { WrittenHistory } from '../written-history.contract.js';
import { FindWebhookSecret, ListWebhookSecrets } from './webhook-secrets.handlers.js';
import { webhookSecretsProjection } from './webhook-secrets.projection.js';

const ids = new PredictableIds(7_000);
let models: WrittenHistory;
let account: AccountId;
beforeAll(async () => {
  models = await WrittenHistory.start([webhookSecretsProjection]);
  ({ account } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

async function created(mode: 'live' | 'test' = 'test'): Promise<WebhookSecretCreated> {
  const event = { ...exampleSecretCreated(ids.webhookSecretId()), mode };
  await models.record(event);
  return event;
}

function rotated(secret: WebhookSecretCreated): WebhookEvent {
  return {
    ...secret,
    type: 'WebhookSecretRotated',
    name: sealedExample('renamed too'),
    value: asSecret(sealedExample('whsec_next')),
    previousValue: secret.value,
    overlapUntilMs: epochMs(nine + 60_000),
    rotatedAtMs: nine,
  };
}

describe('webhook secrets', () => {
  it('are found by their own account and mode, and by operators', async () => {
    const secret = await created();
    const { secretId } = secret;
    const row = await ask(new FindWebhookSecret(secretId, { accountId: account, mode: 'test' }));
    expect(row).toMatchObject({ secretId, accountId: account, name: secret.name, rotatedAtMs: null });
    expect(await ask(new FindWebhookSecret(secretId, null))).toEqual(row);
    expect(await ask(new FindWebhookSecret(secretId, { accountId: account, mode: 'live' }))).toBeUndefined();
    const [, other] = models.history.accountIds;
    if (other === undefined) throw new Error('the history has two accounts');
    expect(await ask(new FindWebhookSecret(secretId, { accountId: other, mode: 'test' }))).toBeUndefined();
  });

  it('are as their last events say, and gone when they are deleted', async () => {
    const secret = await created();
    const { secretId } = secret;
    await models.record(rotated(secret));
    const row = await ask(new FindWebhookSecret(secretId, null));
    expect(row).toMatchObject({ name: sealedExample('renamed too'), rotatedAtMs: nine, createdAtMs: nine });
    expect(row?.overlapUntilMs).toBe(nine + 60_000);
    const renaming = { ...secret, rotatedAtMs: nine, overlapUntilMs: null, renamedAtMs: nine };
    const { value: _, ...renamed } = { ...renaming, type: 'WebhookSecretRenamed' as const };
    await models.record({ ...renamed, name: sealedExample('again') });
    expect(await ask(new FindWebhookSecret(secretId, null))).toMatchObject({
      name: sealedExample('again'),
      rotatedAtMs: nine,
    });
    await models.record({ type: 'WebhookSecretDeleted', secretId, mode: 'test', deletedAtMs: nine });
    expect(await ask(new FindWebhookSecret(secretId, null))).toBeUndefined();
  });

  it.each([1, 2, 3, 100])('are the same whether their events come by %i or all at once', async (size) => {
    const [kept, gone] = [exampleSecretCreated(ids.webhookSecretId()), exampleSecretCreated(ids.webhookSecretId())];
    const deleted = { type: 'WebhookSecretDeleted', secretId: gone.secretId, mode: 'test', deletedAtMs: nine } as const;
    for (const event of [kept, gone, rotated(gone), rotated(kept), deleted])
      await models.history.appendTo(models.store, models.history.record(account, event));
    await models.write([size]);
    const { secretId } = kept;
    const shown = { name: sealedExample('renamed too'), rotatedAtMs: nine, createdAtMs: nine };
    expect(await ask(new FindWebhookSecret(secretId, null))).toMatchObject({ secretId, accountId: account, ...shown });
    expect(await ask(new FindWebhookSecret(gone.secretId, null))).toBeUndefined();
  });

  it('hold nothing of a value', async () => {
    await models.record(rotated(await created()));
    const columns = await models.db.query<{ column_name: string }>(
      `select column_name from information_schema.columns where table_schema = 'webhook_secrets'`,
    );
    expect(columns.map(({ column_name: name }) => name).filter((name) => name.includes('value'))).toEqual([]);
  });

  it('are listed newest first, page by page, and no page changes when one is added', async () => {
    const made = [await created('live'), await created('live'), await created('live')];
    const newest = made.toReversed().map(({ secretId }) => secretId);
    const owner = { accountId: account, mode: 'live' } as const;
    const first = await ask(new ListWebhookSecrets(owner, { limit: 2 }));
    expect(first.rows.map(({ secretId }) => secretId)).toEqual(newest.slice(0, 2));
    await created('live');
    if (first.next === null) throw new Error('there is a next page');
    const second = await ask(new ListWebhookSecrets(owner, { limit: 2, cursor: { after: first.next } }));
    expect(second.rows.map(({ secretId }) => secretId)).toEqual(newest.slice(2));
    if (second.previous === null) throw new Error('there is a previous page');
    const back = await ask(new ListWebhookSecrets(owner, { limit: 2, cursor: { before: second.previous } }));
    expect(back.rows.map(({ secretId }) => secretId)).toEqual(newest.slice(0, 2));
  });
});
