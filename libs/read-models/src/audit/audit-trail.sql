-- Where each event is, and who sees it; the event itself is read from the log by its position. An event of an account
-- as a whole is seen by keys of both modes. Each event is in one range of its stream: a mode with few events is read
-- without passing the many of the other. A row is the events among 256 positions: a byte each, in place of a row.
create table event (
  stream text collate "C" not null,
  seen_by text collate "C" not null, -- live, test or both
  span int4 not null, -- the positions from 256 * span on
  offsets bytea not null, -- of the events in it, ascending
  primary key (stream, seen_by, span)
);

-- The events about an account or a key that say what the key was allowed: few, however many commands are refused or
-- payments made.
create table authority_event (
  subject text collate "C" not null, -- the account or the key
  position int8 not null,
  issuer text collate "C", -- of a key's first event: the key that issued it
  policy_version int4, -- the version of the key from which the event's policy is in force
  primary key (subject, position)
);
