import { type LedgerAccount, ledgerAccounts, postings } from '@ringfence/domain/postings';
import type { DomainEventType } from '@ringfence/domain/domain-event';
import { type Mode, modes } from '@ringfence/domain/shared/values';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { AccountId, CallId, KeyId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { packedId } from '@ringfence/kernel/packed-id';
import { type EpochMs, type Micros, micros, type Position, position } from '@ringfence/kernel/units';
import { type EventStore, readLimitMax, type RecordedEvent } from '@ringfence/ports/log/event-store';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

/** Debits and credits of one ledger account; its balance is the difference, a credit balance negative. */
export type Turnover = {
  readonly book: Mode;
  readonly account: LedgerAccount;
  readonly debitMicros: Micros;
  readonly creditMicros: Micros;
  readonly balanceMicros: Micros;
};

/** The money of one account in one book, as its owner sees it. */
export type BookBalance = {
  readonly book: Mode;
  /** Money that new calls may reserve. */
  readonly availableMicros: Micros;
  readonly reservedMicros: Micros;
  /** Total money paid in. */
  readonly receivedMicros: Micros;
  /** Total money charged. */
  readonly chargedMicros: Micros;
  readonly turnovers: readonly Turnover[];
};

type LedgerLine = {
  readonly account: LedgerAccount;
  /** A debit is positive, a credit negative; the lines of an entry add up to zero. */
  readonly amountMicros: Micros;
  readonly balanceAfterMicros: Micros;
};
/** Entries of one book of one account; undefined fields match any entry. */
export type EntryFilter = {
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly callId: CallId | undefined;
  readonly keyId: KeyId | undefined;
  /** Entries decided at or after it. */
  readonly decidedAfter: EpochMs | undefined;
  readonly decidedBefore: EpochMs | undefined;
};
/** The money that one event moved. */
export type LedgerEntry = {
  /** Position of the event; also the cursor of lists. */
  readonly position: Position;
  readonly book: Mode;
  readonly eventType: DomainEventType;
  /** The call's id, or the account's. */
  readonly subject: string;
  /** The key on whose authority it moved; null: none. */
  readonly keyId: KeyId | null;
  readonly decidedAtMs: EpochMs;
  readonly lines: readonly LedgerLine[];
};

export type TrialBalance = {
  readonly turnovers: readonly Turnover[];
  readonly debitMicros: Micros;
  readonly creditMicros: Micros;
  /** Σ debits = Σ credits, in each book. */
  readonly balanced: boolean;
};

/** The double-entry ledger. Throws Failure `database_unavailable`, `event_store_unavailable` (both retryable). */
export class LedgerQueries {
  constructor(
    private readonly db: SqlTransaction,
    private readonly log: Pick<EventStore, 'readSubject' | 'readAt'>,
  ) {}

  /** Balances of every book that was ever used. @param mode of this book alone; null: of both */
  async balances(accountId: AccountId, mode: Mode | null): Promise<readonly BookBalance[]> {
    const records = await this.db.query<TurnoverRecord>(
      `select book, ${turnoverColumns.join(', ')} from ledger.balance
       where account_id = $1 and ($2::text is null or book = $2) order by book`,
      [accountId, mode],
    );
    return records.map((record) => {
      const turnovers = turnoversOf(record);
      const of = (account: LedgerAccount): bigint =>
        turnovers.find((turnover) => turnover.account === account)?.balanceMicros ?? 0n;
      return {
        book: record.book,
        availableMicros: micros(0n - of('available')),
        reservedMicros: micros(0n - of('reserved')),
        receivedMicros: micros(of('cash')),
        chargedMicros: micros(0n - of('revenue')),
        turnovers,
      };
    });
  }

  /** Newest first. */
  async entries(filter: EntryFilter, page: PageRequest): Promise<Page<LedgerEntry>> {
    const plan = pagePlan(page);
    const { accountId, mode, callId, keyId, decidedAfter, decidedBefore } = filter;
    // The log knows where the few events of a call are.
    const ofCall = callId === undefined ? [] : await this.log.readSubject(callId, readLimitMax);
    const conditions: readonly (readonly [string, unknown])[] = [
      [`position ${plan.comparison}`, plan.from],
      ['position = any', callId === undefined ? undefined : ofCall.map((event) => event.position)],
      ['key_id =', keyId === undefined ? undefined : packedId(keyId)],
      ['decided_at_ms >=', decidedAfter],
      ['decided_at_ms <', decidedBefore],
    ];
    const given = conditions.filter(([, value]) => value !== undefined && value !== null);
    // The statement has only the conditions that were requested: each form has its own plan and index.
    const more = given.map(([comparison], at) => ` and ${comparison} ($${String(at + 4)})`).join('');
    const records = await this.db.query<EntryRecord>(
      `select * from ledger.entry where account_id = $1 and book = $2${more}
       order by position ${plan.direction} limit $3`,
      [packedId(accountId), mode, plan.fetch, ...given.map(([, value]) => value)],
      'each_time',
    );
    const events = await this.log.readAt(records.map(positionOf));
    const moved = new Map(events.map((event) => [event.position, event]));
    return pageOf(page, records, positionOf, (record) => {
      const event = moved.get(positionOf(record));
      invariant(event !== undefined, 'the log has the event of every row');
      return ledgerEntry(record, event);
    });
  }

  /** The trial balance of one account, or of all of them (null); of one book, or of both (null). */
  async trialBalance(accountId: AccountId | null, mode: Mode | null): Promise<TrialBalance> {
    const sums = turnoverColumns.map((column) => `sum(${column})::text as ${column}`).join(', ');
    const records = await this.db.query<TurnoverRecord>(
      `select book, ${sums} from ledger.balance
       where ($1::text is null or account_id = $1) and ($2::text is null or book = $2) group by book order by book`,
      [accountId, mode],
      'each_time',
    );
    const turnovers = records.flatMap(turnoversOf);
    const sumOf = (rows: readonly Turnover[], side: 'debitMicros' | 'creditMicros'): Micros =>
      micros(rows.reduce((sum, row) => sum + row[side], 0n));
    const balanced = modes.every((mode) => {
      const book = turnovers.filter((turnover) => turnover.book === mode);
      return sumOf(book, 'debitMicros') === sumOf(book, 'creditMicros');
    });
    return {
      turnovers,
      debitMicros: sumOf(turnovers, 'debitMicros'),
      creditMicros: sumOf(turnovers, 'creditMicros'),
      balanced,
    };
  }
}

type Side = 'debit' | 'credit';
type TurnoverColumn = `${LedgerAccount}_${Side}_micros`;
type TurnoverRecord = { readonly book: Mode } & Readonly<Record<TurnoverColumn, string>>;
type EntryRecord = {
  readonly book: Mode;
  readonly position: string;
} & Readonly<Record<`${LedgerAccount}_after_micros`, string>>;

const turnoverColumns = ledgerAccounts.flatMap((account): readonly TurnoverColumn[] => [
  `${account}_debit_micros`,
  `${account}_credit_micros`,
]);

function turnoversOf(record: TurnoverRecord): readonly Turnover[] {
  return ledgerAccounts.map((account) => {
    const debit = BigInt(record[`${account}_debit_micros`]);
    const credit = BigInt(record[`${account}_credit_micros`]);
    return {
      book: record.book,
      account,
      debitMicros: micros(debit),
      creditMicros: micros(credit),
      balanceMicros: micros(debit - credit),
    };
  });
}

function positionOf(record: EntryRecord): Position {
  return position(Number(record.position));
}

/** @param event the one at the record's position */
function ledgerEntry(record: EntryRecord, event: RecordedEvent): LedgerEntry {
  const { position, subject, onBehalfOf, decidedAtMs, data } = decodeRecorded(event);
  const moved = postings(data);
  const amountOf = (account: LedgerAccount) =>
    moved.reduce((sum, posting) => (posting.account === account ? sum + posting.amountMicros : sum), 0n);
  const lines = ledgerAccounts.map((account) => ({
    account,
    amountMicros: micros(amountOf(account)),
    balanceAfterMicros: micros(BigInt(record[`${account}_after_micros`])),
  }));
  return {
    position,
    book: record.book,
    eventType: data.type,
    subject,
    keyId: onBehalfOf?.keyId ?? null,
    decidedAtMs,
    lines: lines.filter((line) => line.amountMicros !== 0n),
  };
}
