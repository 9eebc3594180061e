import type { ClientBase, Pool } from 'pg';

/** Lock of the form in which values are written: writers share it. Any fixed number. */
const packingLock = 7_350_006;

/**
 * Personal values and the keys under which they are sealed. Not a projection: what is lost here cannot be rebuilt
 * (docs/operations.md). `durable_key` holds secrets that outlive every rotation of the master key. In `subject`,
 * `value_hmac` finds a value again without revealing it; when the row is deleted, the value is lost. `packed_subject`
 * has the same in half of the bytes: ids packed, the first half of the HMAC, which covers the account, and no
 * ciphertext, which follows from key and value. A value is in one of them. New ones are written packed once `packing`
 * says so: the release before knows `subject` alone. `renewed_digest` has, beside the digest that the log keeps of a
 * key's secret, the one under a newer pepper. `deposit` has values that are handed over once, and is unlogged.
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
create table if not exists vault.packed_subject (
  subject_id    uuid  primary key,
  account       uuid  not null,
  lookup        uuid  not null unique,
  wrapped_key   bytea not null,
  master_key_id text  not null
);
create index if not exists packed_subject_by_master_key on vault.packed_subject (master_key_id);
create table if not exists vault.packing (
  single boolean primary key default true check (single),
  packs  boolean not null
);
insert into vault.packing (packs) values (false) on conflict do nothing;

-- Inserts values and reads those that are known, in the order of their look-ups, so that two processes that write the
-- same ones cannot deadlock. A row that another transaction has just written may be missing in the answer. Writers
-- share a lock with each other and not with a change of the form: no value is written in both.
create or replace function vault.insert_or_read(
  p_subject_ids text[], p_accounts text[], p_hmacs bytea[], p_keys bytea[], p_master_key_ids text[], p_ciphertexts text[],
  p_packed_subjects uuid[], p_packed_accounts uuid[], p_lookups uuid[]
) returns table (lookup uuid, subject_id text, ciphertext text, packed_subject uuid, wrapped_key bytea, master_key_id text)
language plpgsql as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock_shared(${String(packingLock)});
  if (select packs from vault.packing) then
    return query with asked as (
      select * from unnest(p_accounts, p_hmacs, p_keys, p_master_key_ids, p_packed_subjects, p_packed_accounts, p_lookups)
        as asked (account, value_hmac, wrapped_key, master_key_id, packed_subject, packed_account, lookup)
    ), plain as (
      select asked.lookup, subject.subject_id, subject.ciphertext
      from asked join vault.subject using (account, value_hmac)
    ), made as (
      insert into vault.packed_subject (subject_id, account, lookup, wrapped_key, master_key_id)
      select packed_subject, packed_account, lookup, wrapped_key, master_key_id from asked
      where lookup not in (select lookup from plain) order by lookup
      on conflict (lookup) do nothing
      returning lookup, subject_id, wrapped_key, master_key_id
    )
    select lookup, subject_id, ciphertext, null::uuid, null::bytea, null::text from plain
    union all
    select lookup, null, null, subject_id, wrapped_key, master_key_id from made
    union all
    select lookup, null, null, known.subject_id, known.wrapped_key, known.master_key_id
    from vault.packed_subject known where known.lookup = any (p_lookups);
  else
    return query with asked as (
      select * from unnest(p_subject_ids, p_accounts, p_hmacs, p_keys, p_master_key_ids, p_ciphertexts, p_lookups)
        as asked (subject_id, account, value_hmac, wrapped_key, master_key_id, ciphertext, lookup)
    ), made as (
      insert into vault.subject (subject_id, account, value_hmac, wrapped_key, master_key_id, ciphertext)
      select subject_id, account, value_hmac, wrapped_key, master_key_id, ciphertext from asked
      order by account, value_hmac
      on conflict (account, value_hmac) do nothing
      returning account, value_hmac, subject_id, ciphertext
    ), found as (
      select * from made
      union all
      select account, value_hmac, known.subject_id, known.ciphertext
      from vault.subject known join asked using (account, value_hmac)
    )
    select lookup, found.subject_id, found.ciphertext, null::uuid, null::bytea, null::text
    from found join asked using (account, value_hmac);
  end if;
end
$$;
create table if not exists vault.renewed_digest (
  logged_pepper_id text not null,
  logged_hmac      text not null,
  pepper_id        text not null,
  hmac             text not null,
  primary key (logged_pepper_id, logged_hmac, pepper_id)
);
create unlogged table if not exists vault.deposit (
  operation_id  text        primary key,
  wrapped_key   bytea       not null,
  master_key_id text        not null,
  ciphertext    text        not null,
  made_at       timestamptz not null default now()
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

/**
 * Makes every process write new values packed from now on. To be called when no process of the release before will use
 * this vault again.
 */
export async function packVault(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ packs: boolean }>('select packs from vault.packing');
  if (rows[0]?.packs === true) return;
  // One simple query is one transaction. Writers that found the other form have committed when the lock is taken.
  await pool.query(
    `select pg_advisory_xact_lock(${String(packingLock)}); update vault.packing set packs = true where not packs`,
  );
}
