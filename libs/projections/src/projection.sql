-- The engine's own books; one row of `checkpoint` for each schema of rows, the ones being rebuilt (…_next) too.
create schema if not exists projection;
create table if not exists projection.checkpoint (
  name text collate "C" primary key,
  version int4 not null,
  generation int8 not null, -- counts the rebuilds
  revision int8 not null, -- counts the changes to `parked`
  position int8 not null, -- the next event's
  updated_at timestamptz not null
) with (fillfactor = 50);
-- A stream that a projection could not go on with. Its events from `first_version` on wait in the log.
create table if not exists projection.parked (
  name text collate "C" not null,
  stream text collate "C" not null,
  first_version int8 not null,
  first_position int8 not null,
  reason text not null,
  parked_at timestamptz not null,
  primary key (name, stream)
);
-- Holds nothing: a dump locks it shared and a swap exclusively, so that no dump is half of one generation and half of the next.
create table if not exists projection.swap ();
