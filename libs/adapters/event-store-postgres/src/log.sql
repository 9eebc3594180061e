-- The log. Everything that writes it locks the one row of log.head first: positions are dense and come in the order of commits,
-- and an append and a new owner of a lane exclude each other.
create schema if not exists log;

create table if not exists log.head (
  single boolean primary key default true check (single),
  next bigint not null
);
insert into log.head (next) values (0) on conflict do nothing;

create table if not exists log.event (
  position bigint primary key,
  stream text not null collate "C",
  version integer not null,
  type text not null collate "C",
  subject text not null collate "C",
  bytes bytea not null
);
-- Rows up to 4 KB are not compressed. PostgreSQL would begin at 2 KB, which a placed call just exceeds: each append would compress, each reader expand.
alter table log.event set (toast_tuple_target = 4096);
create unique index if not exists event_stream on log.event (stream, version);
create index if not exists event_subject on log.event (subject, position);

-- Pages of 256 positions in place of their rows, compressed. Not by PostgreSQL once more.
create table if not exists log.page (
  number integer primary key,
  types text[] not null,
  bytes bytea not null
);
alter table log.page alter column bytes set storage external;
-- For each segment, a run of pages that were moved together: where a stream is in it. versions: of the stream's first event in each page.
create table if not exists log.page_of_stream (
  stream text not null collate "C",
  version integer not null,
  last_position bigint not null,
  pages integer[] not null,
  versions integer[] not null,
  primary key (stream, version)
);
-- For each segment: where events about a subject are, by its key (subject-key.ts). Other subjects may have the same.
create table if not exists log.page_of_subject (
  key bigint not null,
  pages integer[] not null
);
create index if not exists page_of_subject_key on log.page_of_subject (key);

create table if not exists log.stream (
  stream text collate "C" primary key,
  version integer not null,
  next_due_ms bigint
) with (fillfactor = 70);
create index if not exists stream_due on log.stream (next_due_ms) where next_due_ms is not null;

create table if not exists log.lane (
  lane integer primary key,
  epoch bigint not null,
  owner text not null,
  consumed_next bigint,
  consumed_above bigint[] not null default '{}',
  consumed_transactions bigint[] not null default '{}'
);

-- A lane used to know one offset only.
alter table log.lane
  add column if not exists consumed_next bigint,
  add column if not exists consumed_above bigint[] not null default '{}',
  -- Of each transaction whose records are not done with: the producer's id, the first offset, and that of its end or -1.
  add column if not exists consumed_transactions bigint[] not null default '{}',
  drop column if exists consumed_offset;

create table if not exists log.outcome (
  stream text not null collate "C",
  command_id text not null collate "C",
  fingerprint bytea not null,
  accepted boolean not null,
  body bytea not null,
  position bigint not null,
  primary key (stream, command_id)
);

-- Outcomes since the log has pages, when no release is left that knows log.outcome alone: a third of the bytes.
create table if not exists log.packed_outcome (
  key uuid primary key, -- of stream and command id (outcome-key.ts)
  position bigint not null,
  accepted boolean not null,
  fingerprint bytea, -- null: 32 zeros, as commands of workers have
  body bytea -- null: {}
);

create table if not exists log.snapshot_head (
  stream text collate "C" primary key,
  version integer not null,
  evolve_version integer not null
);

create table if not exists log.snapshot_piece (
  stream text not null collate "C",
  number integer not null,
  bytes bytea not null,
  primary key (stream, number)
);

-- Not compressed: that would cost more than all else about a snapshot, and a stream has only one.
alter table log.snapshot_piece alter column bytes set storage external;

create table if not exists log.blob (
  sha256 text primary key,
  bytes bytea not null
);

-- What a packed outcome leaves out.
create or replace function log.no_fingerprint() returns bytea immutable parallel safe language sql as $$ select decode(repeat('00', 32), 'hex') $$;

-- One append, all or nothing, in one round trip. Bytes come as one string and their lengths: an array of bytea would travel as hex text.
create or replace function log.append(
  p_fence_lanes integer[], p_fence_epochs bigint[],
  p_streams text[], p_expected integer[], p_versions integer[], p_due bigint[],
  p_unchanged_streams text[], p_unchanged_versions integer[],
  p_event_streams integer[], p_event_versions integer[], p_types text[], p_subjects text[], p_lengths integer[], p_bytes bytea,
  p_outcome_streams text[], p_outcome_commands text[], p_outcome_keys uuid[], p_outcome_accepted boolean[], p_outcome_last integer[],
  p_outcome_fingerprint_lengths integer[], p_outcome_body_lengths integer[], p_outcome_bytes bytea,
  p_consumed_lanes integer[], p_consumed_next bigint[], p_consumed_above text[], p_consumed_transactions text[],
  out first_position bigint, out head bigint
) language plpgsql as $$
declare
  v_count integer := coalesce(array_length(p_lengths, 1), 0);
  v_packs boolean;
begin
  select next into first_position from log.head for update;
  head := first_position + v_count;

  -- One by one: a statement that compared all of this at once would be planned anew for each append, which costs more than all else.
  if exists (
    select from unnest(p_fence_lanes, p_fence_epochs) as fence (lane, epoch)
    left join log.lane as owned on owned.lane = fence.lane
    where owned.epoch is distinct from fence.epoch
  ) then
    raise exception 'a lane has another owner' using errcode = 'RF001';
  end if;
  if exists (
    select from unnest(p_unchanged_streams, p_unchanged_versions) as wanted (stream, version)
    left join log.stream as found on found.stream = wanted.stream
    where coalesce(found.version, 0) <> wanted.version
  ) then
    raise exception 'a stream has moved' using errcode = 'RF003';
  end if;
  if exists (
    select from unnest(p_streams, p_expected) as wanted (stream, version)
    left join log.stream as found on found.stream = wanted.stream
    where coalesce(found.version, 0) <> wanted.version
  ) then
    raise exception 'a stream is not at its expected version' using errcode = 'RF002';
  end if;

  if v_count > 0 then
    insert into log.event (position, stream, version, type, subject, bytes)
    select first_position + ordinal - 1, p_streams[stream], version, type, subject,
           substring(p_bytes from (sum(length) over (order by ordinal))::integer - length + 1 for length)
    from unnest(p_event_streams, p_event_versions, p_types, p_subjects, p_lengths)
      with ordinality as event (stream, version, type, subject, length, ordinal);
    update log.head set next = append.head;
  end if;
  insert into log.stream (stream, version, next_due_ms)
  select * from unnest(p_streams, p_versions, p_due)
  on conflict (stream) do update set version = excluded.version, next_due_ms = excluded.next_due_ms;

  if array_length(p_outcome_streams, 1) > 0 then
    v_packs := exists (select from log.page);
    if v_packs and exists (
      select from log.outcome where (stream, command_id) in (select * from unnest(p_outcome_streams, p_outcome_commands))
    ) then
      raise unique_violation using constraint = 'outcome_pkey';
    end if;
    with placed as materialized (
      select stream, command_id, key, accepted,
             substring(p_outcome_bytes from at for fingerprint_length) as fingerprint,
             substring(p_outcome_bytes from at + fingerprint_length for body_length) as body,
             case when last < 0 then append.head else first_position + last end as position
      from (
        select *, (sum(fingerprint_length + body_length) over (order by ordinal))::integer - fingerprint_length - body_length + 1 as at
        from unnest(p_outcome_streams, p_outcome_commands, p_outcome_keys, p_outcome_accepted, p_outcome_last,
                    p_outcome_fingerprint_lengths, p_outcome_body_lengths)
          with ordinality as outcome (stream, command_id, key, accepted, last, fingerprint_length, body_length, ordinal)
      ) as outcome
    ), packed as (
      insert into log.packed_outcome (key, position, accepted, fingerprint, body)
      select key, position, accepted, nullif(fingerprint, log.no_fingerprint()), nullif(body, '{}') from placed where v_packs
    )
    insert into log.outcome (stream, command_id, fingerprint, accepted, body, position)
    select stream, command_id, fingerprint, accepted, body, position from placed where not v_packs;
  end if;
  if array_length(p_consumed_lanes, 1) > 0 then
    update log.lane
    set consumed_next = moved.next, consumed_above = moved.above::bigint[], consumed_transactions = moved.transactions::bigint[]
    from unnest(p_consumed_lanes, p_consumed_next, p_consumed_above, p_consumed_transactions)
      as moved (lane, next, above, transactions)
    where log.lane.lane = moved.lane;
  end if;
end
$$;

-- What the release before asks for, while processes of both are at work: it reads no further than the first open transaction, so that none lies behind it.
create or replace function log.append(
  p_fence_lanes integer[], p_fence_epochs bigint[],
  p_streams text[], p_expected integer[], p_versions integer[], p_due bigint[],
  p_unchanged_streams text[], p_unchanged_versions integer[],
  p_event_streams integer[], p_event_versions integer[], p_types text[], p_subjects text[], p_lengths integer[], p_bytes bytea,
  p_outcome_streams text[], p_outcome_commands text[], p_outcome_accepted boolean[], p_outcome_last integer[],
  p_outcome_fingerprint_lengths integer[], p_outcome_body_lengths integer[], p_outcome_bytes bytea,
  p_consumed_lanes integer[], p_consumed_next bigint[], p_consumed_above text[],
  out first_position bigint, out head bigint
) language sql as $$
  select * from log.append(
    p_fence_lanes, p_fence_epochs, p_streams, p_expected, p_versions, p_due, p_unchanged_streams, p_unchanged_versions,
    p_event_streams, p_event_versions, p_types, p_subjects, p_lengths, p_bytes,
    p_outcome_streams, p_outcome_commands, array_fill(null::uuid, array[cardinality(p_outcome_streams)]), p_outcome_accepted, p_outcome_last,
    p_outcome_fingerprint_lengths, p_outcome_body_lengths, p_outcome_bytes,
    p_consumed_lanes, p_consumed_next, p_consumed_above, array_fill('{}'::text, array[cardinality(p_consumed_lanes)]));
$$;

-- A page of the log as one row: a row an event would cost more to carry than to read.
create or replace function log.page(p_from bigint, p_limit integer)
returns table (first_position bigint, streams text, versions text, types text, subjects text, lengths text, bytes bytea)
language sql stable as $$
  select min(position), string_agg(stream, ' ' order by position), string_agg(version::text, ' ' order by position),
         string_agg(type, ' ' order by position), string_agg(subject, ' ' order by position),
         string_agg(length(bytes)::text, ' ' order by position), string_agg(bytes, ''::bytea order by position)
  from log.event where position >= p_from and position < p_from + p_limit
$$;
