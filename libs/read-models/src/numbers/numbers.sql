-- Two tables, because rows of one are written from the inventory's stream and of the other from the accounts' streams:
-- each stream is written in its own order, and neither waits for the other.

-- A row per allocation, also after its end.
create table allocation (
  added_position int8 not null,
  added_at_ms int8 not null,
  released_at_ms int8,
  number_id text collate "C" primary key,
  account_id text collate "C" not null,
  number_subject text collate "C" not null,
  number_ciphertext text collate "C" not null,
  mode text collate "C" not null,
  kind text collate "C" not null,
  territory text collate "C",
  locality text collate "C",
  release_reason text collate "C"
) with (fillfactor = 80);
create unique index allocation_by_position on allocation (added_position);
create index allocation_of_account on allocation (account_id, added_position);
create index allocation_of_number on allocation (number_subject, added_position);
create index allocation_open on allocation (added_position) where released_at_ms is null;

-- A row per number that an account has received, also after it was withdrawn.
create table own_number (
  received_position int8 not null,
  received_at_ms int8 not null,
  withdrawn_at_ms int8,
  number_id text collate "C" primary key,
  account_id text collate "C" not null,
  number_subject text collate "C" not null,
  number_ciphertext text collate "C" not null,
  name_subject text collate "C",
  name_ciphertext text collate "C",
  mode text collate "C" not null,
  kind text collate "C" not null,
  territory text collate "C",
  locality text collate "C",
  -- The id of an app or of a trunk.
  assigned_to text collate "C"
) with (fillfactor = 80);
create index own_number_assigned on own_number (assigned_to) where assigned_to is not null and withdrawn_at_ms is null;
create index own_number_of_account on own_number (account_id, received_position) where withdrawn_at_ms is null;
