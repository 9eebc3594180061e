import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import type { VoiceAppCreated } from '@ringfence/domain/apps/voice-app.events';
import type { AccountId } from '@ringfence/kernel/ids';
import { exampleAppCreated, nine, sealedExample } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { WrittenHistory } from '../written-history.contract.js';
import { FindVoiceApp, ListAppsOfSecrets, ListVoiceApps } from './voice-apps.handlers.js';
import { voiceAppsProjection } from './voice-apps.projection.js';

const ids = new PredictableIds(7_000);
const secretId = ids.webhookSecretId();
let models: WrittenHistory;
let account: AccountId;
beforeAll(async () => {
  models = await WrittenHistory.start([voiceAppsProjection]);
  ({ account } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

async function created(more: Partial<VoiceAppCreated['settings']> = {}, mode: 'live' | 'test' = 'live') {
  const event = { ...exampleAppCreated(more, ids.voiceAppId()), mode };
  await models.record(event);
  return event;
}

describe('voice apps', () => {
  it('are found with all of their settings, by their own account and mode, and by operators', async () => {
    const fallbackUrl = sealedExample('https://example.com/fallback');
    const { appId, settings } = await created({ fallbackUrl, secretId, channelLimit: null });
    const row = await ask(new FindVoiceApp(appId, { accountId: account, mode: 'live' }));
    expect(row).toMatchObject({ appId, accountId: account, mode: 'live', ...settings });
    expect(await ask(new FindVoiceApp(appId, null))).toEqual(row);
    expect(await ask(new FindVoiceApp(appId, { accountId: account, mode: 'test' }))).toBeUndefined();
    const [, other] = models.history.accountIds;
    if (other === undefined) throw new Error('the history has two accounts');
    expect(await ask(new FindVoiceApp(appId, { accountId: other, mode: 'live' }))).toBeUndefined();
  });

  it.each([1, 2, 100])('are as their last events say, and gone when deleted, by %i events at a time', async (size) => {
    const [kept, gone] = [exampleAppCreated({}, ids.voiceAppId()), exampleAppCreated({}, ids.voiceAppId())];
    const settings = { ...kept.settings, status: 'inactive', fallbackUrl: null, secretId: null } as const;
    const events = [
      kept,
      gone,
      { type: 'VoiceAppChanged', appId: gone.appId, mode: 'test', settings, changedAtMs: nine },
      { type: 'VoiceAppChanged', appId: kept.appId, mode: 'test', settings, changedAtMs: nine },
      { type: 'VoiceAppDeleted', appId: gone.appId, mode: 'test', deletedAtMs: nine },
    ] as const;
    for (const event of events) await models.history.appendTo(models.store, models.history.record(account, event));
    await models.write([size]);
    expect(await ask(new FindVoiceApp(kept.appId, null))).toMatchObject({ appId: kept.appId, ...settings });
    expect(await ask(new FindVoiceApp(gone.appId, null))).toBeUndefined();
  });

  it('are listed newest first, by their states, page by page', async () => {
    const made = [await created(), await created({ status: 'inactive' }), await created()];
    const list = async (statuses: readonly ('active' | 'inactive')[] | null, limit: number) => {
      const filter = { accountId: account, mode: 'live', statuses } as const;
      const page = await ask(new ListVoiceApps(filter, { limit }));
      return page.rows.map(({ appId }) => appId);
    };
    const newest = made.toReversed().map(({ appId }) => appId);
    expect(await list(null, 3)).toEqual(newest);
    expect(await list(['active', 'inactive'], 3)).toEqual(newest);
    expect(await list(['active'], 2)).toEqual([newest[0], newest[2]]);
    expect(await list(['inactive'], 1)).toEqual([newest[1]]);
    const filter = { accountId: account, mode: 'live', statuses: null } as const;
    const first = await ask(new ListVoiceApps(filter, { limit: 1 }));
    if (first.next === null) throw new Error('there is a next page');
    const second = await ask(new ListVoiceApps(filter, { limit: 1, cursor: { after: first.next } }));
    expect(second.rows.map(({ appId }) => appId)).toEqual([newest[1]]);
  });

  it('are found by their secrets', async () => {
    const own = ids.webhookSecretId();
    const using = [await created({ secretId: own }), await created({ secretId: own })];
    const found = await ask(new ListAppsOfSecrets([own]));
    expect(found.map(({ appId }) => appId)).toEqual(using.map(({ appId }) => appId));
    expect(found[0]).toMatchObject({ secretId: own, name: using[0]?.settings.name });
    expect(await ask(new ListAppsOfSecrets([]))).toEqual([]);
  });
});
