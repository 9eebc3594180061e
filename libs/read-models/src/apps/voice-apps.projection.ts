import { readFileSync } from 'node:fs';
import type { VoiceAppCreated, VoiceAppSettings } from '@ringfence/domain/apps/voice-app.events';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { StreamId, VoiceAppId } from '@ringfence/kernel/ids';
import { split } from '@ringfence/kernel/split';
import type { Position } from '@ringfence/kernel/units';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';

type Created = { readonly event: VoiceAppCreated; readonly position: Position; readonly accountId: StreamId };
/** The changes that one batch makes to an app; null: none. */
type AppChange = {
  readonly appId: VoiceAppId;
  created: Created | null;
  settings: VoiceAppSettings | null;
  deleted: boolean;
};
type SetApp = AppChange & { settings: VoiceAppSettings };
type CreatedApp = SetApp & { created: Created };
type Batch = Map<VoiceAppId, AppChange>;

const voiceApps: Projection<Batch> = {
  name: 'voice_apps',
  version: 2,
  order: 'stream',
  tables: readFileSync(new URL('voice-apps.sql', import.meta.url), 'utf8'),
  newBatch: () => new Map(),
  on: {
    apps: {
      VoiceAppCreated: ({ data, position, stream }, batch) => {
        const change = changeOf(batch, data.appId);
        change.created = { event: data, position, accountId: stream };
        change.settings = data.settings;
      },
      VoiceAppChanged: ({ data }, batch) => {
        changeOf(batch, data.appId).settings = data.settings;
      },
      VoiceAppDeleted: ({ data }, batch) => {
        changeOf(batch, data.appId).deleted = true;
      },
    },
    accounts: 'ignore',
    keys: 'ignore',
    calls: 'ignore',
    numbers: 'ignore',
    inventory: 'ignore',
    rejections: 'ignore',
    webhooks: 'ignore',
    trunks: 'ignore',
    platform: 'ignore',
  },
  write,
};

/** The apps that exist, with their settings. */
export const voiceAppsProjection = runnable(voiceApps);

function changeOf(batch: Batch, appId: VoiceAppId): AppChange {
  return getOrInsert(batch, appId, () => ({ appId, created: null, settings: null, deleted: false }));
}

function write(batch: Batch, tx: OpenTransaction): void {
  const [deleted, kept] = split(batch.values(), isDeleted);
  const [created, changed] = split(kept.filter(isSet), isCreated);
  createdRows.write(tx, insertApps, created);
  changedRows.write(tx, updateApps, changed);
  deletedRows.write(tx, deleteApps, deleted);
}

function isDeleted(change: AppChange): change is AppChange & { deleted: true } {
  return change.deleted;
}

function isSet(change: AppChange): change is SetApp {
  return change.settings !== null;
}

function isCreated(change: SetApp): change is CreatedApp {
  return change.created !== null;
}

const settings = {
  name_subject: ['text', (app: SetApp) => app.settings.name.subjectId],
  name_ciphertext: ['text', (app: SetApp) => app.settings.name.ciphertext],
  flow_url_subject: ['text', (app: SetApp) => app.settings.flowUrl.subjectId],
  flow_url_ciphertext: ['text', (app: SetApp) => app.settings.flowUrl.ciphertext],
  webhook_url_subject: ['text', (app: SetApp) => app.settings.webhookUrl.subjectId],
  webhook_url_ciphertext: ['text', (app: SetApp) => app.settings.webhookUrl.ciphertext],
  fallback_url_subject: ['text', (app: SetApp) => app.settings.fallbackUrl?.subjectId ?? null],
  fallback_url_ciphertext: ['text', (app: SetApp) => app.settings.fallbackUrl?.ciphertext ?? null],
  status: ['text', (app: SetApp) => app.settings.status],
  channel_limit: ['int4', (app: SetApp) => app.settings.channelLimit],
  secret_id: ['text', (app: SetApp) => app.settings.secretId],
  webhook_api_version: ['text', (app: SetApp) => app.settings.webhookApiVersion],
  answering_key_id: ['text', (app: SetApp) => app.settings.answeringKeyId],
} as const;
const createdRows = rowSet<CreatedApp>({
  app_id: ['text', ({ appId }) => appId],
  created_position: ['int8', ({ created }) => created.position],
  account_id: ['text', ({ created }) => created.accountId],
  mode: ['text', ({ created }) => created.event.mode],
  ...settings,
});
const insertApps = `insert into app (${createdRows.names}) select * from ${createdRows.from}`;

const changedRows = rowSet<SetApp>({ app_id: ['text', ({ appId }) => appId], ...settings });
const updates = Object.keys(settings).map((name) => `${name} = new.${name}`);
const updateApps = `update app set ${updates.join(', ')} from ${changedRows.from} where app.app_id = new.app_id`;

const deletedRows = rowSet<AppChange>({ app_id: ['text', ({ appId }) => appId] });
const deleteApps = `delete from app using ${deletedRows.from} where app.app_id = new.app_id`;
