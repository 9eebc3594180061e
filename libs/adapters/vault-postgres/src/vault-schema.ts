import type { ClientBase, Pool } from 'pg';

/**
 * Personal values and the keys under which they are sealed. Not a projection: what is lost here cannot be rebuilt
 * (docs/operations.md). `durable_key` holds secrets that outlive every rotation of the master key. In `subject`,
 * `value_hmac` finds a value again without revealing it; when the row is deleted, the value is lost. `renewed_digest`
 * has, beside the digest that the log keeps of a key's secret, the one under a newer pepper.
 */
const schema = `
create schema if not exists vault;
create table if not exists vault.durable_key (
  name          text  primary key,
  wrapped_key   bytea not null,
  master_key_id text  not null
);
create table if not exists vault.subject (
  subject_id    text  primary key,
  account       text  not null,
  value_hmac    bytea not null,
  wrapped_key   bytea not null,
  master_key_id text  not null,
  ciphertext    text  not null,
  unique (account, value_hmac)
);
create index if not exists subject_by_master_key on vault.subject (master_key_id);
create table if not exists vault.renewed_digest (
  logged_pepper_id text not null,
  logged_hmac      text not null,
  pepper_id        text not null,
  hmac             text not null,
  primary key (logged_pepper_id, logged_hmac, pepper_id)
);
create table if not exists vault.retired_pepper (
  pepper_id  text        primary key,
  retired_at timestamptz not null default now()
);
`;

/** Lock under which processes that start together create the schema one after the other; any fixed number. */
const schemaLock = 7_350_001;

/** @param connection a client: within the caller's transaction */
export async function createVaultSchema(connection: Pool | ClientBase): Promise<void> {
  // One simple query is one transaction, so the lock is held until all of it is done.
  await connection.query(`select pg_advisory_xact_lock(${String(schemaLock)}); ${schema}`);
}
