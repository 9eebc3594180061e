-- One row for each event that moved money: its postings as columns, a debit positive, a credit negative, and the
-- balances after it.
create table entry (
  account_id text collate "C" not null,
  book text collate "C" not null,
  position int8 not null,
  event_type text collate "C" not null,
  subject text collate "C" not null,
  key_id text collate "C",
  decided_at_ms int8 not null,
  cash_micros int8 not null,
  available_micros int8 not null,
  reserved_micros int8 not null,
  revenue_micros int8 not null,
  cash_after_micros int8 not null,
  available_after_micros int8 not null,
  reserved_after_micros int8 not null,
  revenue_after_micros int8 not null,
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
