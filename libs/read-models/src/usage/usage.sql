-- A call counts when it is placed; its answer, seconds and cost count when it ends. The rows of a minute and of a day
-- are few: they are updated in place, on pages that keep free space.
create table call_minute (
  account_id text collate "C" not null,
  minute_ms int8 not null,
  mode text collate "C" not null,
  key_id text collate "C" not null,
  project text collate "C" not null,
  application text collate "C" not null,
  calls int8 not null,
  answered int8 not null,
  failed int8 not null,
  talk_time_ms int8 not null,
  billed_ms int8 not null,
  charged_micros int8 not null,
  primary key (account_id, minute_ms, mode, key_id, project, application)
) with (fillfactor = 70);
-- Days of the account's own calendar, as resolved in the events.
create table call_day (
  account_id text collate "C" not null,
  local_day date not null,
  mode text collate "C" not null,
  key_id text collate "C" not null,
  project text collate "C" not null,
  application text collate "C" not null,
  calls int8 not null,
  answered int8 not null,
  failed int8 not null,
  talk_time_ms int8 not null,
  billed_ms int8 not null,
  charged_micros int8 not null,
  primary key (account_id, local_day, mode, key_id, project, application)
) with (fillfactor = 50);
-- Refusals name only a key: its project and application are those of the key now.
create table refusal_minute (
  account_id text collate "C" not null,
  minute_ms int8 not null,
  mode text collate "C" not null,
  key_id text collate "C" not null,
  refused int8 not null,
  undated int8 not null, -- those of them that were recorded before refusals had a day
  primary key (account_id, minute_ms, mode, key_id)
) with (fillfactor = 70);
create table refusal_day (
  account_id text collate "C" not null,
  local_day date not null,
  mode text collate "C" not null,
  key_id text collate "C" not null,
  refused int8 not null,
  primary key (account_id, local_day, mode, key_id)
) with (fillfactor = 50);
create table key_label (
  key_id text collate "C" primary key,
  project text collate "C" not null,
  application text collate "C" not null
);
-- The days that a span of moments covers. No statement ever asks the database itself for a day of a zone.
create table account_zone (
  account_id text collate "C" not null,
  from_ms int8 not null,
  time_zone text collate "C" not null,
  first_day date,
  primary key (account_id, from_ms)
);
