create table account (
  account_id text collate "C" primary key,
  opened_position int8 not null,
  name_subject text collate "C" not null,
  name_ciphertext text collate "C" not null,
  currency text collate "C" not null,
  region text collate "C" not null,
  time_zone text collate "C" not null,
  status text collate "C" not null,
  suspension_reason text collate "C",
  opened_at_ms int8 not null,
  verified_at_ms int8,
  suspended_at_ms int8
) with (fillfactor = 80);
create unique index account_by_position on account (opened_position);
