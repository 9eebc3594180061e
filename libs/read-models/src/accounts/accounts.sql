create table account (
  account_id text collate "C" primary key,
  opened_position int8 not null,
  name_subject text collate "C" not null,
  name_ciphertext text collate "C" not null,
  currency text collate "C" not null,
  region text collate "C" not null,
  time_zone text collate "C" not null,
  -- The zone decided last, and from when on it is in force; null: the account still has the zone that it was opened in.
  next_time_zone text collate "C",
  next_zone_from_ms int8,
  next_zone_first_day date,
  status text collate "C" not null,
  suspension_reason text collate "C",
  opened_at_ms int8 not null,
  verified_at_ms int8,
  suspended_at_ms int8
) with (fillfactor = 80);
-- Only accounts whose limits were set; the others have the platform's.
create table account_limit (
  account_id text collate "C" not null,
  mode text collate "C" not null,
  calls_per_second int4 not null,
  burst_calls int4 not null,
  lines_max int4 not null,
  daily_spend_micros_max int8,
  approved_calls_per_second int4 not null,
  approved_burst_calls int4 not null,
  approved_lines_max int4 not null,
  approved_daily_spend_micros_max int8,
  primary key (account_id, mode)
) with (fillfactor = 80);
create unique index account_by_position on account (opened_position);
