import type { VoiceAppStatus, WebhookApiVersion } from '@ringfence/domain/apps/voice-app.events';
import type { Mode, SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId, SubjectId, VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import type { OwnedBy } from '../owned-by.js';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

export type VoiceAppRow = {
  readonly appId: VoiceAppId;
  /** Position of its VoiceAppCreated; also the cursor of lists. */
  readonly createdPosition: Position;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly name: SealedText;
  readonly flowUrl: SealedText;
  readonly webhookUrl: SealedText;
  readonly fallbackUrl: SealedText | null;
  readonly status: VoiceAppStatus;
  readonly channelLimit: number | null;
  readonly secretId: WebhookSecretId | null;
  readonly webhookApiVersion: WebhookApiVersion;
  readonly answeringKeyId: KeyId | null;
};

/** `statuses` null: any. */
export type VoiceAppFilter = OwnedBy & { readonly statuses: readonly VoiceAppStatus[] | null };

/** An app by its name. */
export type VoiceAppName = { readonly appId: VoiceAppId; readonly name: SealedText };
/** An app that uses a secret. */
export type AppOfSecret = {
  readonly secretId: WebhookSecretId;
  readonly appId: VoiceAppId;
  readonly name: SealedText;
};

/** Voice apps that exist. Throws Failure `database_unavailable` (retryable). */
export class VoiceAppQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** @param owner null: that of any account */
  async find(appId: VoiceAppId, owner: OwnedBy | null): Promise<VoiceAppRow | undefined> {
    const [record] = await this.db.query<AppRecord>(
      `select * from voice_apps.app where app_id = $1
       and ($2::text is null or account_id = $2) and ($3::text is null or mode = $3)`,
      [appId, owner?.accountId ?? null, owner?.mode ?? null],
    );
    return record === undefined ? undefined : appRow(record);
  }

  /** Newest first. */
  async list({ accountId, mode, statuses }: VoiceAppFilter, page: PageRequest): Promise<Page<VoiceAppRow>> {
    const { comparison, direction, from, fetch } = pagePlan(page);
    const records = await this.db.query<AppRecord>(
      `select * from voice_apps.app where account_id = $1 and ($2::text is null or mode = $2)
       and ($3::text[] is null or status = any($3)) and ($4::int8 is null or created_position ${comparison} $4)
       order by created_position ${direction} limit $5`,
      [accountId, mode, statuses, from, fetch],
      'each_time',
    );
    return pageOf(
      page,
      records.map(appRow),
      ({ createdPosition }) => createdPosition,
      (row) => row,
    );
  }

  /** The names of those of these apps that exist. */
  async names(appIds: readonly VoiceAppId[]): Promise<readonly VoiceAppName[]> {
    const records = await this.db.query<Pick<AppRecord, 'app_id' | 'name_subject' | 'name_ciphertext'>>(
      'select app_id, name_subject, name_ciphertext from voice_apps.app where app_id = any($1)',
      [appIds],
    );
    return records.map(({ app_id: appId, name_subject: subjectId, name_ciphertext: ciphertext }) => ({
      appId,
      name: { subjectId, ciphertext },
    }));
  }

  /** The apps that use these secrets, oldest first. */
  async ofSecrets(secretIds: readonly WebhookSecretId[]): Promise<readonly AppOfSecret[]> {
    if (secretIds.length === 0) return [];
    const records = await this.db.query<AppRecord & { readonly secret_id: WebhookSecretId }>(
      'select * from voice_apps.app where secret_id = any($1) order by created_position',
      [secretIds],
    );
    return records.map(({ secret_id: secretId, app_id: appId, ...record }) => ({
      secretId,
      appId,
      name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    }));
  }
}

type AppRecord = {
  readonly app_id: VoiceAppId;
  readonly created_position: string;
  readonly account_id: AccountId;
  readonly mode: Mode;
  readonly name_subject: SubjectId;
  readonly name_ciphertext: string;
  readonly flow_url_subject: SubjectId;
  readonly flow_url_ciphertext: string;
  readonly webhook_url_subject: SubjectId;
  readonly webhook_url_ciphertext: string;
  readonly fallback_url_subject: SubjectId | null;
  readonly fallback_url_ciphertext: string | null;
  readonly status: VoiceAppStatus;
  readonly channel_limit: number | null;
  readonly secret_id: WebhookSecretId | null;
  readonly webhook_api_version: WebhookApiVersion;
  readonly answering_key_id: KeyId | null;
};

function appRow(record: AppRecord): VoiceAppRow {
  const { fallback_url_subject: fallbackSubject, fallback_url_ciphertext: fallbackCiphertext } = record;
  return {
    appId: record.app_id,
    createdPosition: position(Number(record.created_position)),
    accountId: record.account_id,
    mode: record.mode,
    name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    flowUrl: { subjectId: record.flow_url_subject, ciphertext: record.flow_url_ciphertext },
    webhookUrl: { subjectId: record.webhook_url_subject, ciphertext: record.webhook_url_ciphertext },
    fallbackUrl:
      fallbackSubject === null || fallbackCiphertext === null
        ? null
        : { subjectId: fallbackSubject, ciphertext: fallbackCiphertext },
    status: record.status,
    channelLimit: record.channel_limit,
    secretId: record.secret_id,
    webhookApiVersion: record.webhook_api_version,
    answeringKeyId: record.answering_key_id,
  };
}
