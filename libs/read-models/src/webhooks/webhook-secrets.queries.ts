import type { Mode, SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, SubjectId, WebhookSecretId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import type { OwnedBy } from '../owned-by.js';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

export type WebhookSecretRow = {
  readonly secretId: WebhookSecretId;
  /** Position of its WebhookSecretCreated; also the cursor of lists. */
  readonly createdPosition: Position;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly name: SealedText;
  readonly createdAtMs: EpochMs;
  /** null: it was never rotated. */
  readonly rotatedAtMs: EpochMs | null;
  /** End of the overlap of its last rotation. */
  readonly overlapUntilMs: EpochMs | null;
};

/** Webhook secrets that exist. Throws Failure `database_unavailable` (retryable). */
export class WebhookSecretQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** @param owner null: that of any account */
  async find(secretId: WebhookSecretId, owner: OwnedBy | null): Promise<WebhookSecretRow | undefined> {
    const [record] = await this.db.query<SecretRecord>(
      `select * from webhook_secrets.secret where secret_id = $1
       and ($2::text is null or account_id = $2) and ($3::text is null or mode = $3)`,
      [secretId, owner?.accountId ?? null, owner?.mode ?? null],
    );
    return record === undefined ? undefined : secretRow(record);
  }

  /** The secrets of these ids, as far as they exist. */
  async named(secretIds: readonly WebhookSecretId[]): Promise<readonly WebhookSecretRow[]> {
    if (secretIds.length === 0) return [];
    const records = await this.db.query<SecretRecord>(
      'select * from webhook_secrets.secret where secret_id = any($1)',
      [secretIds],
    );
    return records.map(secretRow);
  }

  /** Newest first. */
  async list({ accountId, mode }: OwnedBy, page: PageRequest): Promise<Page<WebhookSecretRow>> {
    const { comparison, direction, from, fetch } = pagePlan(page);
    const records = await this.db.query<SecretRecord>(
      `select * from webhook_secrets.secret where account_id = $1 and ($2::text is null or mode = $2)
       and ($3::int8 is null or created_position ${comparison} $3)
       order by created_position ${direction} limit $4`,
      [accountId, mode, from, fetch],
      'each_time',
    );
    return pageOf(
      page,
      records.map(secretRow),
      ({ createdPosition }) => createdPosition,
      (row) => row,
    );
  }
}

type SecretRecord = {
  readonly secret_id: WebhookSecretId;
  readonly created_position: string;
  readonly account_id: AccountId;
  readonly mode: Mode;
  readonly name_subject: SubjectId;
  readonly name_ciphertext: string;
  readonly created_at_ms: string;
  readonly rotated_at_ms: string | null;
  readonly overlap_until_ms: string | null;
};

function secretRow(record: SecretRecord): WebhookSecretRow {
  return {
    secretId: record.secret_id,
    createdPosition: position(Number(record.created_position)),
    accountId: record.account_id,
    mode: record.mode,
    name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    createdAtMs: epochMs(Number(record.created_at_ms)),
    rotatedAtMs: moment(record.rotated_at_ms),
    overlapUntilMs: moment(record.overlap_until_ms),
  };
}

function moment(value: string | null): EpochMs | null {
  return value === null ? null : epochMs(Number(value));
}
