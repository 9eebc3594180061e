import { readFileSync } from 'node:fs';
import type { SealedText } from '@ringfence/domain/shared/values';
import type { WebhookSecretCreated, WebhookSecretRotated } from '@ringfence/domain/webhooks/webhook.events';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { StreamId, WebhookSecretId } from '@ringfence/kernel/ids';
import { split } from '@ringfence/kernel/split';
import type { Position } from '@ringfence/kernel/units';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';

type Created = { readonly event: WebhookSecretCreated; readonly position: Position; readonly accountId: StreamId };
/** The changes that one batch makes to a secret; null: none. */
type SecretChange = {
  readonly secretId: WebhookSecretId;
  created: Created | null;
  name: SealedText | null;
  rotated: WebhookSecretRotated | null;
  deleted: boolean;
};
type CreatedSecret = SecretChange & { created: Created };
type Batch = Map<WebhookSecretId, SecretChange>;

const webhookSecrets: Projection<Batch> = {
  name: 'webhook_secrets',
  version: 1,
  order: 'stream',
  tables: readFileSync(new URL('webhook-secrets.sql', import.meta.url), 'utf8'),
  newBatch: () => new Map(),
  on: {
    webhooks: {
      WebhookSecretCreated: ({ data, position, stream }, batch) => {
        changeOf(batch, data.secretId).created = { event: data, position, accountId: stream };
      },
      WebhookSecretRenamed: ({ data }, batch) => {
        changeOf(batch, data.secretId).name = data.name;
      },
      WebhookSecretRotated: ({ data }, batch) => {
        const change = changeOf(batch, data.secretId);
        change.name = data.name;
        change.rotated = data;
      },
      WebhookSecretDeleted: ({ data }, batch) => {
        changeOf(batch, data.secretId).deleted = true;
      },
      WebhookDeliveryFailed: 'ignore',
    },
    accounts: 'ignore',
    keys: 'ignore',
    calls: 'ignore',
    rejections: 'ignore',
    apps: 'ignore',
    trunks: 'ignore',
    numbers: 'ignore',
    inventory: 'ignore',
    platform: 'ignore',
  },
  write,
};

/** The secrets that exist, without their values. */
export const webhookSecretsProjection = runnable(webhookSecrets);

function changeOf(batch: Batch, secretId: WebhookSecretId): SecretChange {
  return getOrInsert(batch, secretId, () => ({ secretId, created: null, name: null, rotated: null, deleted: false }));
}

function write(batch: Batch, tx: OpenTransaction): void {
  const [created, changed] = split(batch.values(), isCreated);
  const kept = ({ deleted }: SecretChange) => !deleted;
  createdRows.write(tx, insertSecrets, created.filter(kept));
  changedRows.write(tx, updateSecrets, changed.filter(kept));
  deletedRows.write(
    tx,
    deleteSecrets,
    changed.filter(({ deleted }) => deleted),
  );
}

function isCreated(change: SecretChange): change is CreatedSecret {
  return change.created !== null;
}

const rotating = {
  rotated_at_ms: ['int8', ({ rotated }: SecretChange) => rotated?.rotatedAtMs ?? null],
  overlap_until_ms: ['int8', ({ rotated }: SecretChange) => rotated?.overlapUntilMs ?? null],
} as const;
const createdRows = rowSet<CreatedSecret>({
  secret_id: ['text', ({ secretId }) => secretId],
  created_position: ['int8', ({ created }) => created.position],
  account_id: ['text', ({ created }) => created.accountId],
  mode: ['text', ({ created }) => created.event.mode],
  name_subject: ['text', ({ created, name }) => (name ?? created.event.name).subjectId],
  name_ciphertext: ['text', ({ created, name }) => (name ?? created.event.name).ciphertext],
  created_at_ms: ['int8', ({ created }) => created.event.createdAtMs],
  ...rotating,
});
const insertSecrets = `insert into secret (${createdRows.names}) select * from ${createdRows.from}`;

const changing = {
  name_subject: ['text', ({ name }: SecretChange) => name?.subjectId ?? null],
  name_ciphertext: ['text', ({ name }: SecretChange) => name?.ciphertext ?? null],
  ...rotating,
} as const;
const changedRows = rowSet<SecretChange>({ secret_id: ['text', ({ secretId }) => secretId], ...changing });
const updates = Object.keys(changing).map((name) => `${name} = coalesce(new.${name}, secret.${name})`);
const updateSecrets = `update secret set ${updates.join(', ')} from ${changedRows.from}
  where secret.secret_id = new.secret_id`;

const deletedRows = rowSet<SecretChange>({ secret_id: ['text', ({ secretId }) => secretId] });
const deleteSecrets = `delete from secret using ${deletedRows.from} where secret.secret_id = new.secret_id`;
