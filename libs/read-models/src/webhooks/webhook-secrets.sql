-- Secrets that exist; never their values. Accounts have few of them.
create table secret (
  secret_id text collate "C" primary key,
  created_position int8 not null,
  account_id text collate "C" not null,
  mode text collate "C" not null,
  name_subject text collate "C" not null,
  name_ciphertext text collate "C" not null,
  created_at_ms int8 not null,
  rotated_at_ms int8, -- null: the value is the first
  overlap_until_ms int8
) with (fillfactor = 80);
create index secret_of_account on secret (account_id, created_position);
