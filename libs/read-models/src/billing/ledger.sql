-- One row for each event that moved money: what entries are searched by, and the balances after it. The event is in the
-- log, at its position, and says the rest. Ids are packed (packed-id.ts).
create table entry (
  position int8 not null,
  decided_at_ms int8 not null,
  cash_after_micros int8 not null,
  available_after_micros int8 not null,
  reserved_after_micros int8 not null,
  revenue_after_micros int8 not null,
  account_id uuid not null,
  key_id uuid,
  book text collate "C" not null,
  primary key (account_id, book, position)
);
-- A key belongs to one account and one book.
create index entry_of_key on entry (key_id, position) where key_id is not null;
-- Within an account, positions and times grow together and rows are inserted in that order: small block ranges find a
-- time.
create index entry_by_time on entry using brin (decided_at_ms);
-- Total debits and credits; a balance is the difference.
create table balance (
  account_id text collate "C" not null,
  book text collate "C" not null,
  cash_debit_micros numeric not null,
  cash_credit_micros numeric not null,
  available_debit_micros numeric not null,
  available_credit_micros numeric not null,
  reserved_debit_micros numeric not null,
  reserved_credit_micros numeric not null,
  revenue_debit_micros numeric not null,
  revenue_credit_micros numeric not null,
  primary key (account_id, book)
) with (fillfactor = 30);
