-- One row per event, in the order of the log; the event's bytes stay in the log.
create table event (
  position int8 primary key,
  stream text collate "C" not null,
  version int8 not null,
  type text collate "C" not null,
  subject text collate "C" not null,
  decided_at_ms int8 not null,
  mode text collate "C" not null,
  event_id text collate "C" not null,
  command_id text collate "C" not null,
  issued_by_kind text collate "C" not null,
  issued_by_id text collate "C" not null,
  issued_by_version int4 not null,
  on_behalf_of_key_id text collate "C",
  on_behalf_of_key_version int4,
  on_behalf_of_policy_hash text collate "C",
  presented_key_id text collate "C",
  prev_hash bytea not null
);
-- Each event is in one range of its stream, that of its mode: a mode with few events is read without passing the many
-- of the other, and no event is indexed twice.
create index event_of_stream on event (stream, mode, position);
-- The few events of an account as a whole, which keys of both modes see.
create index event_of_account on event (stream, position)
  where type in ('AccountOpened', 'AccountVerified', 'AccountSuspended', 'AccountResumed', 'AccountTimeZoneChanged', 'SubjectErased');
-- Only events that may say what a key was allowed or how a call went: refusals, payments and changes of an account's
-- limits and zone can be many.
create index event_about_subject on event (subject, position)
  where type not in ('CreditAdded', 'AccountLimitsSet', 'AccountTimeZoneChanged', 'CallRefused', 'CallRefusalsCounted', 'CommandTurnedAway', 'CommandsTurnedAwayCounted');

-- The policy of a key from each of its versions on; a rotation changes no policy and has no row.
create table key_policy (
  key_id text collate "C" not null,
  key_version int4 not null,
  position int8 not null,
  label_subject text collate "C",
  label_ciphertext text collate "C",
  policy text collate "C" not null, -- canonical JSON
  policy_hash text collate "C" not null,
  primary key (key_id, key_version)
);
