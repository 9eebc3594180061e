-- What lists select by, and the state. How a call was placed is in the log, at placed_position; in this release a call
-- has one leg, which has no more of its own. Ids are packed (packed-id.ts); wide columns come first, without padding.

-- A row per call that has ended. It never changes, so that pages are full.
create table call (
  placed_position int8 not null,
  placed_at_ms int8 not null,
  authorised_for_ms int8 not null,
  reserved_micros int8 not null,
  ringing_at_ms int8,
  answered_at_ms int8,
  hang_up_requested_at_ms int8,
  ended_at_ms int8,
  talk_time_ms int8,
  billed_ms int8,
  charged_micros int8,
  call_id uuid primary key,
  account_id uuid not null,
  from_subject uuid not null,
  to_subject uuid not null,
  app_id uuid,
  mode text collate "C" not null,
  state text collate "C" not null,
  hang_up_reason text collate "C",
  cause text collate "C",
  ended_by text collate "C"
);
create index call_of_account on call (account_id, mode, placed_position);
create index call_to_subject on call (to_subject, placed_position);

-- The calls that have not ended: few, however long the history is. The state changes a few times within seconds: no
-- column that changes is indexed, and pages keep free space, so that updates stay on their page. (Carriers of the release
-- before look for ids as text in live_call, and must not find others.)
create table current_call (
  like call,
  attempt_id uuid not null,
  primary key (call_id)
) with (fillfactor = 50);
create index current_call_of_account on current_call (account_id, mode, placed_position);
create index current_call_by_position on current_call (placed_position);
