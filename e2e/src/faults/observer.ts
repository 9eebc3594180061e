import type { StreamId } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';
import type { Of } from '@ringfence/testing/checkers/evidence';
import pg from 'pg';

/** Records, made by the database itself, of who wrote what, in the order of the commits. */
export type Notes = { readonly committed: Of<'committed'>; readonly taken: Of<'taken'> };

/**
 * Makes the database record who writes the log and who takes a lane. The writer is identified by its session's name,
 * which is unique to every run of a process. Whatever the platform's fences accept is recorded, because the same
 * transaction records it.
 */
export async function observe(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, (client) => client.query(observerSql));
}

export async function readNotes(databaseUrl: string): Promise<Notes> {
  const rows = await withClient(databaseUrl, async (client) => (await client.query<NoteRow>(notesSql)).rows);
  const committed = rows
    .filter(({ kind }) => kind === 'wrote')
    .map((row, at) => ({
      kind: 'committed' as const,
      append: at,
      process: row.session,
      streams: row.streams as StreamId[], // the log's own column
      first: Number(row.first ?? 0),
      head: Number(row.head ?? 0),
      consumed: row.lanes.map((lane) => ({ lane: lane as Lane, next: 0n, above: [], transactions: [] })),
      order: Number(row.id),
      atMs: Number(row.at_ms),
    }));
  const taken = rows
    .filter(({ kind }) => kind === 'took')
    .flatMap((row) =>
      row.lanes.map((lane) => ({
        kind: 'taken' as const,
        process: row.session,
        lane: lane as Lane,
        order: Number(row.id),
        atMs: Number(row.at_ms),
      })),
    );
  return { committed, taken };
}

type NoteRow = {
  readonly id: string;
  readonly kind: 'wrote' | 'took';
  readonly session: string;
  readonly first: string | null;
  readonly head: string | null;
  readonly streams: readonly string[];
  readonly lanes: readonly number[];
  readonly at_ms: string;
};

// A transaction that appends or takes a lane holds the head's row: numbers are assigned in the order of the commits.
const observerSql = `
create schema observer;
create table observer.note (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  transaction xid8 not null default pg_current_xact_id(),
  session text not null default current_setting('application_name'),
  kind text not null, first bigint, head bigint, stream text, lane integer
);
create function observer.event_written() returns trigger language plpgsql as $$
begin
  insert into observer.note (kind, first, head, stream)
    select 'wrote', min(position) over (), max(position) over () + 1, stream from written;
  return null;
end $$;
create function observer.outcome_written() returns trigger language plpgsql as $$
begin
  insert into observer.note (kind, stream) select 'wrote', stream from written;
  return null;
end $$;
create function observer.lane_moved() returns trigger language plpgsql as $$
begin
  insert into observer.note (kind, lane) values (case when tg_argv[0] = 'took' then 'took' else 'wrote' end, new.lane);
  return null;
end $$;
create trigger observed after insert on log.event referencing new table as written
  for each statement execute function observer.event_written();
create trigger observed after insert on log.outcome referencing new table as written
  for each statement execute function observer.outcome_written();
create trigger lane_taken after insert or update of epoch on log.lane for each row execute function observer.lane_moved('took');
create trigger lane_consumed after update of consumed_next on log.lane for each row execute function observer.lane_moved('consumed');
`;

const notesSql = `
select min(id) as id, kind, session, min(first) as first, max(head) as head,
  coalesce(array_agg(distinct stream) filter (where stream is not null), '{}') as streams,
  coalesce(array_agg(distinct lane) filter (where lane is not null), '{}') as lanes,
  floor(extract(epoch from min(at)) * 1000)::bigint as at_ms
from observer.note group by transaction, session, kind order by 1`;

async function withClient<Answer>(url: string, ask: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}
