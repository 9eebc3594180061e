-- Calls requested by one key in one second, by the recorded moments of decision.
create table key_second (
  key_id text collate "C" not null,
  second_ms int8 not null,
  account_id text collate "C" not null,
  accepted int8 not null,
  refused int8 not null,
  primary key (key_id, second_ms)
) with (fillfactor = 70);
create table refusal_second (
  key_id text collate "C" not null,
  second_ms int8 not null,
  code text collate "C" not null,
  refused int8 not null,
  primary key (key_id, second_ms, code)
) with (fillfactor = 70);
