-- Keys change rarely and are read as a whole when a gateway starts.
create table key (
  key_id text collate "C" primary key,
  issued_position int8 not null,
  account_id text collate "C",
  mode text collate "C" not null,
  parent_key_id text collate "C", -- of a child key
  label_subject text collate "C" not null,
  label_ciphertext text collate "C" not null,
  public_key text collate "C", -- of a signing key: then there is no secret
  pepper_id text collate "C",
  hmac_sha256 text collate "C",
  secret_hint text collate "C",
  previous_pepper_id text collate "C",
  previous_hmac_sha256 text collate "C",
  previous_until_ms int8,
  key_version int4 not null,
  policy text collate "C" not null, -- canonical JSON
  policy_hash text collate "C" not null,
  issued_by_kind text collate "C" not null,
  issued_by_id text collate "C" not null,
  issued_at_ms int8 not null,
  rotated_at_ms int8,
  policy_changed_at_ms int8,
  revoked_at_ms int8,
  revocation_reason text collate "C",
  check (num_nulls(pepper_id, hmac_sha256, secret_hint) = case when public_key is null then 0 else 3 end)
) with (fillfactor = 80);
create index key_of_account on key (account_id, issued_position);

-- Rates of accounts whose limits were set, which gateways report to clients.
create table account_rate (
  account_id text collate "C" not null,
  mode text collate "C" not null,
  calls_per_second int4 not null,
  burst_calls int4 not null,
  primary key (account_id, mode)
);
