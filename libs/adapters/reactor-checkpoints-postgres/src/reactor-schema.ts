import type { ClientBase, Pool } from 'pg';

/**
 * Checkpoints of reactors and relays, and their owners. Not a projection: backed up with the log (docs/operations.md).
 */
const schema = `
create schema if not exists reactor;
create table if not exists reactor.checkpoint (
  reactor  text        primary key,
  -- the position of the next event that it will act on
  next     bigint      not null default 0,
  -- counts its owners: what an older one saves is refused
  epoch    bigint      not null default 0,
  owner    text        not null,
  saved_at timestamptz not null default now()
);
create table if not exists reactor.lease (
  relay    text        primary key,
  owner    text        not null,
  -- counts its owners: what an older one asks is refused
  epoch    bigint      not null,
  heard_at timestamptz not null
);
`;

/** Lock under which processes that start together create the schema one after the other; any fixed number. */
const schemaLock = 7_350_002;

/** @param connection a client: within the caller's transaction */
export async function createReactorSchema(connection: Pool | ClientBase): Promise<void> {
  // One simple query is one transaction, so the lock is held until all of it is done.
  await connection.query(`select pg_advisory_xact_lock(${String(schemaLock)}); ${schema}`);
}
