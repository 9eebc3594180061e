import type { ClientBase, Pool } from 'pg';

/**
 * The queue of webhooks. Not a projection: backed up with the log (docs/operations.md). Times are milliseconds since
 * the epoch by the clock of the process that sends.
 */
const schema = `
create schema if not exists webhook;
create table if not exists webhook.beginning (
  only_one     boolean primary key default true check (only_one),
  -- calls that were placed earlier are not followed: nobody was promised their webhooks
  begins_at_ms bigint not null
);
create table if not exists webhook.call (
  call_id        text,
  endpoint       text,
  account_id     text not null,
  mode           text not null,
  app_id         text,
  url_subject    text not null,
  url_ciphertext text not null,
  receiver       text not null,
  api_version    text not null,
  next_sequence  integer not null,
  primary key (call_id, endpoint)
);
create index if not exists call_of_app on webhook.call (app_id) where app_id is not null;
create table if not exists webhook.app (
  app_id         text primary key,
  account_id     text not null,
  mode           text not null,
  url_subject    text not null,
  url_ciphertext text not null,
  receiver       text not null,
  api_version    text not null,
  secret_id      text
);
create table if not exists webhook.secret (
  secret_id           text primary key,
  account_id          text not null,
  mode                text not null,
  value_subject       text not null,
  value_ciphertext    text not null,
  previous_subject    text,
  previous_ciphertext text,
  overlap_until_ms    bigint
);
create index if not exists secret_of_account on webhook.secret (account_id, mode, secret_id);
create table if not exists webhook.delivery (
  position           bigint,
  endpoint           text,
  account_id         text not null,
  mode               text not null,
  call_id            text not null,
  event_id           text not null,
  event_name         text not null,
  sequence           integer not null,
  app_id             text,
  url_subject        text not null,
  url_ciphertext     text not null,
  receiver           text not null,
  api_version        text not null,
  occurred_at_ms     bigint not null,
  queued_at_ms       bigint not null,
  -- from which the time for attempts counts
  started_at_ms      bigint not null,
  state              text not null default 'pending',
  round              integer not null default 0,
  attempts           integer not null default 0,
  due_at_ms          bigint not null,
  last_attempt_at_ms bigint,
  last_status        integer,
  last_error         text,
  settled_at_ms      bigint,
  primary key (position, endpoint)
);
create index if not exists delivery_pending on webhook.delivery (receiver, due_at_ms, position) where state = 'pending';
create index if not exists delivery_in_line on webhook.delivery (call_id, endpoint, position) where state = 'pending';
create index if not exists delivery_settled on webhook.delivery (settled_at_ms) where state <> 'pending';
create index if not exists delivery_of_account on webhook.delivery (account_id, mode, position);
create index if not exists delivery_of_app on webhook.delivery (app_id) where state = 'pending' and app_id is not null;
create index if not exists delivery_of_event on webhook.delivery (event_id);
create index if not exists delivery_of_call on webhook.delivery (call_id, position);
create table if not exists webhook.attempt (
  position        bigint,
  endpoint        text,
  round           integer,
  attempt         integer,
  attempted_at_ms bigint not null,
  status          integer,
  error           text,
  latency_ms      integer not null,
  primary key (position, endpoint, round, attempt)
);
`;

/** Lock under which processes that start together create the schema one after the other; any fixed number. */
const schemaLock = 7_350_005;

/** @param connection a client: within the caller's transaction. The schema `reactor` is there already. */
export async function createDeliverySchema(connection: Pool | ClientBase): Promise<void> {
  // One simple query is one transaction, so the lock is held until all of it is done.
  await connection.query(`select pg_advisory_xact_lock(${String(schemaLock)}); ${schema}`);
}
