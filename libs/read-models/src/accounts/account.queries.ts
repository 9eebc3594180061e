import type { SuspensionReason } from '@ringfence/domain/accounts/account.events';
import type { SealedText } from '@ringfence/domain/platform/values';
import type { AccountId, SubjectId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/projections/sql-database';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

export type AccountStatus = 'unverified' | 'active' | 'suspended';
export type AccountRow = {
  readonly accountId: AccountId;
  /** Of its AccountOpened; also the cursor of lists. */
  readonly openedPosition: Position;
  readonly name: SealedText;
  readonly currency: string;
  readonly region: string;
  readonly timeZone: string;
  readonly status: AccountStatus;
  readonly suspensionReason: SuspensionReason | null;
  readonly openedAtMs: EpochMs;
  readonly verifiedAtMs: EpochMs | null;
  readonly suspendedAtMs: EpochMs | null;
};

/** Accounts as they stand; their money is in the ledger. Throws Failure `database_unavailable` (retryable). */
export class AccountQueries {
  constructor(private readonly db: SqlTransaction) {}

  async findAccount(accountId: AccountId): Promise<AccountRow | undefined> {
    const [record] = await this.db.query<AccountRecord>('select * from accounts.account where account_id = $1', [
      accountId,
    ]);
    return record === undefined ? undefined : accountRow(record);
  }

  /** Newest first. */
  async listAccounts(page: PageRequest): Promise<Page<AccountRow>> {
    const plan = pagePlan(page);
    const records = await this.db.query<AccountRecord>(
      `select * from accounts.account where ($1::int8 is null or opened_position ${plan.comparison} $1)
       order by opened_position ${plan.direction} limit $2`,
      [plan.from, plan.fetch],
    );
    return pageOf(page, records, (record) => position(Number(record.opened_position)), accountRow);
  }
}

type AccountRecord = {
  readonly account_id: AccountId;
  readonly opened_position: string;
  readonly name_subject: SubjectId;
  readonly name_ciphertext: string;
  readonly currency: string;
  readonly region: string;
  readonly time_zone: string;
  readonly status: AccountStatus;
  readonly suspension_reason: SuspensionReason | null;
  readonly opened_at_ms: string;
  readonly verified_at_ms: string | null;
  readonly suspended_at_ms: string | null;
};

function accountRow(record: AccountRecord): AccountRow {
  return {
    accountId: record.account_id,
    openedPosition: position(Number(record.opened_position)),
    name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    currency: record.currency,
    region: record.region,
    timeZone: record.time_zone,
    status: record.status,
    suspensionReason: record.suspension_reason,
    openedAtMs: epochMs(Number(record.opened_at_ms)),
    verifiedAtMs: moment(record.verified_at_ms),
    suspendedAtMs: moment(record.suspended_at_ms),
  };
}

function moment(value: string | null): EpochMs | null {
  return value === null ? null : epochMs(Number(value));
}
