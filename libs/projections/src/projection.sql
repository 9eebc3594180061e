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
-- How many partitions the rows are fed by, each with a position of its own in `partition_checkpoint`; null: the log feeds them. Asked first: a change of a
-- table waits for everybody who reads it, and everybody waits behind it, also where nothing is to be changed.
do $$ begin
  if not exists (select 1 from pg_attribute where attrelid = 'projection.checkpoint'::regclass and attname = 'partitions') then
    alter table projection.checkpoint add column partitions int4;
  end if;
end $$;
-- A row for every partition of those projections. What is below its position, or below that of `checkpoint`, is in the rows.
create table if not exists projection.partition_checkpoint (
  name text collate "C" not null,
  partition int4 not null,
  position int8 not null,
  updated_at timestamptz not null,
  primary key (name, partition)
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
