import { readFileSync } from 'node:fs';
import { type LedgerAccount, ledgerAccounts, postings } from '@ringfence/domain/postings';
import type { Mode } from '@ringfence/domain/shared/values';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { KeyId, StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { packedId } from '@ringfence/kernel/packed-id';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';

type Amounts = Record<LedgerAccount, bigint>;
type Entry = {
  readonly accountId: StreamId;
  readonly book: Mode;
  readonly position: Position;
  readonly keyId: KeyId | null;
  readonly decidedAtMs: EpochMs;
  readonly amounts: Amounts;
};
/** The change that a batch makes to one account's book. */
type BookChange = {
  readonly accountId: StreamId;
  readonly book: Mode;
  readonly entries: Entry[];
  readonly debits: Amounts;
  readonly credits: Amounts;
};
type Batch = Map<string, BookChange>;

const ledger: Projection<Batch> = {
  name: 'ledger',
  version: 5,
  order: 'stream',
  tables: readFileSync(new URL('ledger.sql', import.meta.url), 'utf8'),
  newBatch: () => new Map(),
  // `postings` decides which of these events move money, and names each of them.
  on: {
    accounts: post,
    calls: post,
    keys: 'ignore',
    numbers: 'ignore',
    inventory: 'ignore',
    rejections: 'ignore',
    webhooks: 'ignore',
    apps: 'ignore',
    trunks: 'ignore',
    platform: 'ignore',
  },
  write,
};

/** The double-entry ledger: an entry for each event that moved money, and the turnovers of each book. */
export const ledgerProjection = runnable(ledger);

function post(envelope: RecordedEnvelope, batch: Batch): void {
  const amounts = nothing();
  let book: Mode | undefined;
  let sum = 0n;
  for (const posting of postings(envelope.data)) {
    book = posting.book;
    amounts[posting.account] += posting.amountMicros;
    sum += posting.amountMicros;
  }
  if (book === undefined) return;
  invariant(sum === 0n, 'the postings of an event add up to nothing');
  const change = changeOf(batch, envelope.stream, book);
  for (const account of ledgerAccounts) {
    const amount = amounts[account];
    if (amount > 0n) change.debits[account] += amount;
    else change.credits[account] -= amount;
  }
  const { stream, position, onBehalfOf, decidedAtMs } = envelope;
  change.entries.push({ accountId: stream, book, position, keyId: onBehalfOf?.keyId ?? null, decidedAtMs, amounts });
}

function changeOf(batch: Batch, accountId: StreamId, book: Mode): BookChange {
  return getOrInsert(batch, `${accountId} ${book}`, () => ({
    accountId,
    book,
    entries: [],
    debits: nothing(),
    credits: nothing(),
  }));
}

function nothing(): Amounts {
  return { cash: 0n, available: 0n, reserved: 0n, revenue: 0n };
}

function write(batch: Batch, tx: OpenTransaction): void {
  if (batch.size === 0) return;
  const changes = [...batch.values()];
  tx.execute(addEntries, [...changeRows.params(changes), ...entryRows.params(changes.flatMap(entriesOf))]);
}

/** The entries of a book, each with what moves later: the balances after it are those after the batch less that. */
function entriesOf({ entries, debits, credits }: BookChange): readonly EntryRow[] {
  const later = nothing();
  for (const account of ledgerAccounts) later[account] = debits[account] - credits[account];
  return entries.map((entry) => {
    for (const account of ledgerAccounts) later[account] -= entry.amounts[account];
    return { ...entry, later: { ...later } };
  });
}

type EntryRow = Entry & { readonly later: Amounts };

const changeRows = rowSet<BookChange>({
  account_id: ['text', (row) => row.accountId],
  book: ['text', (row) => row.book],
  cash_debit_micros: ['numeric', (row) => row.debits.cash],
  cash_credit_micros: ['numeric', (row) => row.credits.cash],
  available_debit_micros: ['numeric', (row) => row.debits.available],
  available_credit_micros: ['numeric', (row) => row.credits.available],
  reserved_debit_micros: ['numeric', (row) => row.debits.reserved],
  reserved_credit_micros: ['numeric', (row) => row.credits.reserved],
  revenue_debit_micros: ['numeric', (row) => row.debits.revenue],
  revenue_credit_micros: ['numeric', (row) => row.credits.revenue],
});
const turnovers = changeRows.names.split(', ').slice(2);
const balancesAfter = ledgerAccounts.map(
  (account) => `balance.${account}_debit_micros - balance.${account}_credit_micros as ${account}`,
);
const entryRows = rowSet<EntryRow>(
  {
    position: ['int8', (row) => row.position],
    decided_at_ms: ['int8', (row) => row.decidedAtMs],
    account_id: ['text', (row) => row.accountId],
    packed_account_id: ['uuid', (row) => packedId(row.accountId)],
    key_id: ['uuid', (row) => (row.keyId === null ? null : packedId(row.keyId))],
    book: ['text', (row) => row.book],
    cash: ['numeric', (row) => row.later.cash],
    available: ['numeric', (row) => row.later.available],
    reserved: ['numeric', (row) => row.later.reserved],
    revenue: ['numeric', (row) => row.later.revenue],
  },
  turnovers.length + 2,
);
const addEntries = `with after as (
    insert into balance (${changeRows.names}) select * from ${changeRows.from}
    on conflict (account_id, book) do update set ${turnovers.map((name) => `${name} = balance.${name} + excluded.${name}`).join(', ')}
    returning account_id, book, ${balancesAfter.join(', ')}
  )
  insert into entry (position, decided_at_ms, account_id, key_id, book, ${ledgerAccounts.map((account) => `${account}_after_micros`).join(', ')})
  select new.position, new.decided_at_ms, new.packed_account_id, new.key_id, new.book,
    ${ledgerAccounts.map((account) => `after.${account} - new.${account}`).join(', ')}
  from ${entryRows.from} join after using (account_id, book)`;
