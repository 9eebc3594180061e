-- One row per call: in this release a call has one leg, so the leg's columns are in the same row. The state changes a
-- few times within seconds: no column that changes is indexed, and pages keep free space, so that updates stay on their
-- page.
create table call (
  call_id text collate "C" primary key,
  placed_position int8 not null,
  leg_id text collate "C" not null,
  attempt_id text collate "C" not null,
  account_id text collate "C" not null,
  key_id text collate "C" not null,
  mode text collate "C" not null,
  project text collate "C" not null,
  application text collate "C" not null,
  from_subject text collate "C" not null,
  from_ciphertext text collate "C" not null,
  to_subject text collate "C" not null,
  to_ciphertext text collate "C" not null,
  flow_url_subject text collate "C" not null,
  flow_url_ciphertext text collate "C" not null,
  callback_subject text collate "C",
  callback_ciphertext text collate "C",
  record bool not null,
  deck_id text collate "C" not null,
  deck_version int4 not null,
  prefix text collate "C" not null,
  country text collate "C" not null,
  connect_fee_micros int8 not null,
  per_minute_micros int8 not null,
  minimum_ms int8 not null,
  increment_ms int8 not null,
  trunk text collate "C",
  local_day date not null,
  placed_at_ms int8 not null,
  state text collate "C" not null,
  authorised_for_ms int8 not null,
  reserved_micros int8 not null,
  ringing_at_ms int8,
  answered_at_ms int8,
  hang_up_reason text collate "C",
  hang_up_requested_at_ms int8,
  ended_at_ms int8,
  cause text collate "C",
  ended_by text collate "C",
  talk_time_ms int8,
  billed_ms int8,
  charged_micros int8
) with (fillfactor = 50);
create index call_of_account on call (account_id, mode, placed_position);
create index call_to_subject on call (to_subject, placed_position);

-- The calls that have not ended: few, however long the history is.
create table live_call (
  call_id text collate "C" primary key,
  placed_position int8 not null,
  account_id text collate "C" not null,
  attempt_id text collate "C" not null
);
create index live_call_by_position on live_call (placed_position);
