import type { ReleaseReason } from '@ringfence/domain/inventory/inventory.events';
import type { NumberKind } from '@ringfence/domain/limits/numbering-plan';
import type { Mode, SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, NumberId, SipTrunkId, SubjectId, VoiceAppId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

/** A number that an account has. */
export type OwnNumberRow = {
  readonly numberId: NumberId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly number: SealedText;
  readonly name: SealedText | null;
  readonly territory: string | null;
  readonly kind: NumberKind;
  readonly locality: string | null;
  /** An app or a trunk; null: neither. */
  readonly assignedTo: AssigneeId | null;
};
/** The id of an app or of a trunk. */
export type AssigneeId = VoiceAppId | SipTrunkId;
export type OwnNumberFilter = {
  readonly accountId: AccountId;
  /** null: both. */
  readonly mode: Mode | null;
  /** Territories; null: any, and none. */
  readonly territories: readonly string[] | null;
  /** Numbers that are assigned to one of these; null: to any, and to none. */
  readonly assignedTo: readonly AssigneeId[] | null;
  /** One number alone, by its subject of the platform. */
  readonly numberSubject?: SubjectId | undefined;
};

/**
 * Stages of an allocation: on its way to the account, with the account, on its way back, and over. A number is free for
 * another account when its allocation is `released`.
 */
export const allocationStates = ['allocated', 'received', 'withdrawn', 'released'] as const;
type AllocationState = (typeof allocationStates)[number];
export type AllocationRow = Omit<OwnNumberRow, 'name' | 'assignedTo'> & {
  readonly state: AllocationState;
  readonly addedAtMs: EpochMs;
  readonly receivedAtMs: EpochMs | null;
  readonly withdrawnAtMs: EpochMs | null;
  readonly releasedAtMs: EpochMs | null;
  readonly releaseReason: ReleaseReason | null;
};
export type AllocationFilter = {
  readonly accountId?: AccountId | undefined;
  readonly numberSubject?: SubjectId | undefined;
  readonly state?: AllocationState | undefined;
};

/** Numbers by account and in the inventory. Throws Failure `database_unavailable` (retryable). */
export class NumberQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** The numbers that an account has, the one received last first. Cursors are positions of NumberReceived. */
  async listNumbers(filter: OwnNumberFilter, page: PageRequest): Promise<Page<OwnNumberRow>> {
    const { accountId, mode, territories, assignedTo } = filter;
    const plan = pagePlan(page);
    const records = await this.db.query<NumberRecord & { readonly received_position: string }>(
      `select * from numbers.own_number
       where account_id = $1 and withdrawn_at_ms is null
         and ($2::int8 is null or received_position ${plan.comparison} $2)
         and ($3::text is null or mode = $3)
         and ($4::text[] is null or territory = any($4))
         and ($5::text[] is null or assigned_to = any($5))
         and ($7::text is null or number_subject = $7)
       order by received_position ${plan.direction} limit $6`,
      [accountId, plan.from, mode, territories, assignedTo, plan.fetch, filter.numberSubject ?? null],
      'each_time',
    );
    return pageOf(page, records, (record) => position(Number(record.received_position)), ownNumberRow);
  }

  /** A number that an account has now; undefined: none has it. */
  async findNumber(numberId: NumberId): Promise<OwnNumberRow | undefined> {
    const [record] = await this.db.query<NumberRecord>(
      'select * from numbers.own_number where number_id = $1 and withdrawn_at_ms is null',
      [numberId],
    );
    return record === undefined ? undefined : ownNumberRow(record);
  }

  /** The account that a number is allocated to; undefined: none has it. @param subject of the platform */
  async ownerOf(subject: SubjectId): Promise<AccountId | undefined> {
    const [record] = await this.db.query<{ readonly account_id: AccountId }>(
      `select account_id from numbers.allocation
       where number_subject = $1 and released_at_ms is null order by added_position desc limit 1`,
      [subject],
    );
    return record?.account_id;
  }

  /** The counts of the numbers that are assigned to each of these; 0 for one that is missing. */
  async countAssigned(ids: readonly AssigneeId[]): Promise<ReadonlyMap<AssigneeId, number>> {
    if (ids.length === 0) return new Map();
    const records = await this.db.query<{ readonly assigned_to: AssigneeId; readonly numbers: string }>(
      `select assigned_to, count(*) as numbers from numbers.own_number
       where assigned_to = any($1) and withdrawn_at_ms is null group by assigned_to`,
      [ids],
    );
    return new Map(records.map(({ assigned_to: id, numbers }) => [id, Number(numbers)]));
  }

  /** Allocations, the newest first. Cursors are positions of NumberAdded. */
  async listAllocations(filter: AllocationFilter, page: PageRequest): Promise<Page<AllocationRow>> {
    const plan = pagePlan(page);
    const records = await this.db.query<AllocationRecord>(
      `select a.*, ${stateSql} as state, n.received_at_ms, n.withdrawn_at_ms
       from numbers.allocation a left join numbers.own_number n using (number_id)
       where ($1::int8 is null or a.added_position ${plan.comparison} $1)
         and ($2::text is null or a.account_id = $2)
         and ($3::text is null or a.number_subject = $3)
         and ($4::text is null or ${stateSql} = $4)
       order by a.added_position ${plan.direction} limit $5`,
      [plan.from, filter.accountId ?? null, filter.numberSubject ?? null, filter.state ?? null, plan.fetch],
      'each_time',
    );
    return pageOf(page, records, (record) => position(Number(record.added_position)), allocationRow);
  }

  /** The oldest allocations that the account has yet to receive, or the inventory to take back. */
  async pendingAllocations(limit: number): Promise<readonly PendingAllocation[]> {
    const records = await this.db.query<{
      readonly number_id: NumberId;
      readonly account_id: AccountId;
      readonly withdrawn: boolean;
    }>(
      `select a.number_id, a.account_id, n.withdrawn_at_ms is not null as withdrawn
       from numbers.allocation a left join numbers.own_number n using (number_id)
       where a.released_at_ms is null and (n.number_id is null or n.withdrawn_at_ms is not null)
       order by a.added_position limit $1`,
      [limit],
    );
    return records.map(({ number_id: numberId, account_id: accountId, withdrawn }) => ({
      numberId,
      accountId,
      awaits: withdrawn ? 'release' : 'receipt',
    }));
  }
}

type PendingAllocation = {
  readonly numberId: NumberId;
  readonly accountId: AccountId;
  readonly awaits: 'receipt' | 'release';
};

const stateSql = `case when a.released_at_ms is not null then 'released' when n.withdrawn_at_ms is not null then 'withdrawn'
  when n.number_id is not null then 'received' else 'allocated' end`;

type CommonRecord = {
  readonly number_id: NumberId;
  readonly account_id: AccountId;
  readonly number_subject: SubjectId;
  readonly number_ciphertext: string;
  readonly mode: Mode;
  readonly territory: string | null;
  readonly kind: NumberKind;
  readonly locality: string | null;
};
type NumberRecord = CommonRecord & {
  readonly name_subject: SubjectId | null;
  readonly name_ciphertext: string | null;
  readonly assigned_to: AssigneeId | null;
};
type AllocationRecord = CommonRecord & {
  readonly added_position: string;
  readonly added_at_ms: string;
  readonly received_at_ms: string | null;
  readonly withdrawn_at_ms: string | null;
  readonly released_at_ms: string | null;
  readonly release_reason: ReleaseReason | null;
  readonly state: AllocationState;
};

function commonRow(record: CommonRecord) {
  return {
    numberId: record.number_id,
    accountId: record.account_id,
    mode: record.mode,
    number: { subjectId: record.number_subject, ciphertext: record.number_ciphertext },
    territory: record.territory,
    kind: record.kind,
    locality: record.locality,
  };
}

function ownNumberRow(record: NumberRecord): OwnNumberRow {
  const { name_subject: subjectId, name_ciphertext: ciphertext } = record;
  return {
    ...commonRow(record),
    name: subjectId === null || ciphertext === null ? null : { subjectId, ciphertext },
    assignedTo: record.assigned_to,
  };
}

function allocationRow(record: AllocationRecord): AllocationRow {
  return {
    ...commonRow(record),
    state: record.state,
    addedAtMs: epochMs(Number(record.added_at_ms)),
    receivedAtMs: moment(record.received_at_ms),
    withdrawnAtMs: moment(record.withdrawn_at_ms),
    releasedAtMs: moment(record.released_at_ms),
    releaseReason: record.release_reason,
  };
}

function moment(value: string | null): EpochMs | null {
  return value === null ? null : epochMs(Number(value));
}
