-- One row per call: what lists select by, and the current state. How the call was placed is in the log, at
-- placed_position; in this release a call has one leg, which has no more of its own. The state changes a few times
-- within seconds: no column that changes is indexed, and pages keep free space, so that updates stay on their page.
create table call (
  call_id text collate "C" primary key,
  placed_position int8 not null,
  account_id text collate "C" not null,
  mode text collate "C" not null,
  from_subject text collate "C" not null,
  to_subject text collate "C" not null,
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
