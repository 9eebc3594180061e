import { Failure } from '@ringfence/kernel/failure';
import type { VoiceAppId } from '@ringfence/kernel/ids';
import { epochMs, type EpochMs, position, type Position } from '@ringfence/kernel/units';
import type {
  AppEndpoint,
  AttemptResult,
  Backlog,
  DeliveryLease,
  DeliveryQueue,
  DueAsked,
  DueDelivery,
  FollowedCall,
  QueueChange,
} from '@ringfence/ports/deliveries/delivery-queue';
import { unavailable } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import type { Pool } from 'pg';
import {
  appEndpointOf,
  type AppRow,
  appRows,
  type CallRow,
  callRows,
  deliveryRows,
  dueDeliveryOf,
  type DueRow,
  followedCallOf,
  RowWriting,
  secretRows,
} from './delivery-rows.js';
import { createDeliverySchema } from './delivery-schema.js';
import { createReactorSchema } from './reactor-schema.js';

/** The name of the reactor whose checkpoint moves with the queue. */
const reactor = 'webhooks';
/** Deliveries removed by one call of `forget`. */
const forgottenMax = 5_000;

const moveCheckpoint = `update reactor.checkpoint set next = $2, saved_at = now()
  where reactor = '${reactor}' and epoch = $1 returning reactor`;

const insertCalls = `insert into webhook.call (${callRows.names}) select * from ${callRows.from()}
  on conflict (call_id, endpoint) do update set next_sequence = excluded.next_sequence`;
const deleteCalls = `delete from webhook.call where call_id = any($1::text[])`;
const insertDeliveries = `insert into webhook.delivery (${deliveryRows.names}) select * from ${deliveryRows.from()}
  on conflict (position, endpoint) do nothing`;
const upsertApps = `insert into webhook.app (${appRows.names}) select * from ${appRows.from()}
  on conflict (app_id) do update set url_subject = excluded.url_subject, url_ciphertext = excluded.url_ciphertext,
    receiver = excluded.receiver, api_version = excluded.api_version, secret_id = excluded.secret_id`;
/** The rows of a table that go to an app, or are about its calls, as the app is now. */
const followApps = (table: string, which: string) => `update ${table} d set api_version = a.api_version,
    url_subject = case when d.endpoint = 'app' then a.url_subject else d.url_subject end,
    url_ciphertext = case when d.endpoint = 'app' then a.url_ciphertext else d.url_ciphertext end,
    receiver = case when d.endpoint = 'app' then a.receiver else d.receiver end
  from webhook.app a where a.app_id = any($1::text[]) and d.app_id = a.app_id ${which}`;
const followAppsInCalls = followApps('webhook.call', '');
const followAppsInDeliveries = followApps('webhook.delivery', `and d.state = 'pending'`);
const deleteApps = `delete from webhook.app where app_id = any($1::text[])`;
const deleteCallsOfApps = `delete from webhook.call where app_id = any($1::text[]) and endpoint = 'app'`;
const upsertSecrets = `insert into webhook.secret (${secretRows.names}) select * from ${secretRows.from()}
  on conflict (secret_id) do update set value_subject = excluded.value_subject,
    value_ciphertext = excluded.value_ciphertext, previous_subject = excluded.previous_subject,
    previous_ciphertext = excluded.previous_ciphertext, overlap_until_ms = excluded.overlap_until_ms`;
const deleteSecrets = `delete from webhook.secret where secret_id = any($1::text[])`;

/**
 * Steps from one receiver with pending deliveries to the next over the index, so that the cost follows their number and
 * not that of deliveries. A delivery waits for an earlier one of its call and endpoint.
 */
const selectDue = `with recursive receivers (receiver) as (
    (select receiver from webhook.delivery where state = 'pending' order by receiver limit 1)
    union all
    select (select d.receiver from webhook.delivery d where d.state = 'pending' and d.receiver > r.receiver
      order by d.receiver limit 1)
    from receivers r where r.receiver is not null)
  select due.*, s.value_subject, s.value_ciphertext, s.previous_subject, s.previous_ciphertext, s.overlap_until_ms,
    due.endpoint = 'app' and a.app_id is null as is_withdrawn
  from receivers r
  cross join lateral (
    select d.* from webhook.delivery d
    where d.state = 'pending' and d.receiver = r.receiver and d.due_at_ms <= $1
      and (d.position, d.endpoint) not in (select * from unnest($3::int8[], $4::text[]))
      and not exists (select from webhook.delivery earlier where earlier.state = 'pending'
        and earlier.call_id = d.call_id and earlier.endpoint = d.endpoint and earlier.position < d.position)
    order by d.due_at_ms, d.position limit $5) due
  left join webhook.app a on a.app_id = due.app_id
  left join lateral (select * from webhook.secret of where of.account_id = due.account_id and of.mode = due.mode
      and (of.secret_id = a.secret_id or (a.secret_id is null and due.endpoint = 'status_callback'))
    order by of.secret_id limit 1) s on true
  where r.receiver is not null and r.receiver <> all($2::text[])
  limit $6`;

const resultRows = new RowWriting<AttemptResult>({
  position: ['int8', (each) => each.position],
  endpoint: ['text', ({ endpoint }) => endpoint],
  call_id: ['text', ({ callId }) => callId],
  round: ['int4', ({ round }) => round],
  state: ['text', ({ state }) => state],
  due_at_ms: ['int8', ({ dueAtMs }) => dueAtMs],
  is_attempt: ['bool', ({ isAttempt }) => isAttempt],
  attempted_at_ms: ['int8', ({ attemptedAtMs }) => attemptedAtMs],
  status: ['int4', ({ status }) => status],
  error: ['text', ({ error }) => error],
  latency_ms: ['int4', ({ latencyMs }) => Math.round(latencyMs)],
});
/** Writes results. Later events of the call wait as long as a failed one: they are not looked at before. */
const settleResults = `with held as (
    select from reactor.checkpoint where reactor = '${reactor}' and epoch = $1),
  results as materialized (select new.* from ${resultRows.from(2)} where exists (select from held)),
  attempted as (
    update webhook.delivery d set
      state = new.state, due_at_ms = new.due_at_ms, attempts = d.attempts + new.is_attempt::int,
      last_attempt_at_ms = case when new.is_attempt then new.attempted_at_ms else d.last_attempt_at_ms end,
      last_status = case when new.is_attempt then new.status else d.last_status end, last_error = new.error,
      settled_at_ms = case when new.state <> 'pending' then new.attempted_at_ms end
    from results new where d.position = new.position and d.endpoint = new.endpoint and d.round = new.round
    returning d.position, d.endpoint, d.round, d.attempts),
  followers as (
    update webhook.delivery d set due_at_ms = new.due_at_ms
    from results new where new.state = 'pending' and d.state = 'pending' and d.call_id = new.call_id
      and d.endpoint = new.endpoint and d.position > new.position and d.due_at_ms < new.due_at_ms),
  logged as (
    insert into webhook.attempt (position, endpoint, round, attempt, attempted_at_ms, status, error, latency_ms)
    select a.position, a.endpoint, a.round, a.attempts, new.attempted_at_ms, new.status, new.error, new.latency_ms
    from attempted a join results new on new.position = a.position and new.endpoint = a.endpoint and new.is_attempt
    on conflict do nothing)
  select count(*) as held from held`;

/** The queue of webhooks, in the schema `webhook`, on the caller's pool. */
export class PostgresDeliveryQueue implements DeliveryQueue {
  private constructor(private readonly db: PostgresSqlDatabase) {}

  /** Creates the schema if there is none. @throws Failure `delivery_queue_unavailable` (retryable) */
  static async open(pool: Pool): Promise<PostgresDeliveryQueue> {
    await withQueueFailures(async () => {
      await createReactorSchema(pool);
      await createDeliverySchema(pool);
    });
    return new PostgresDeliveryQueue(new PostgresSqlDatabase(pool));
  }

  take(owner: string, beginsAtMs: EpochMs): Promise<DeliveryLease> {
    return withQueueFailures(async () => {
      const [taken] = await this.db.query<{ next: string; epoch: string; begins_at_ms: string }>(
        `with taken as (
           insert into reactor.checkpoint (reactor, owner, epoch) values ('${reactor}', $1, 1)
           on conflict (reactor) do update set owner = excluded.owner, epoch = reactor.checkpoint.epoch + 1
           returning next, epoch),
         begun as (
           insert into webhook.beginning (begins_at_ms) values ($2)
           on conflict (only_one) do update set only_one = true returning begins_at_ms)
         select next, epoch, begins_at_ms from taken, begun`,
        [owner, beginsAtMs],
      );
      if (taken === undefined) throw new Failure('delivery_queue_unavailable', 'taking returned nothing', true);
      const [next, begins] = [position(Number(taken.next)), epochMs(Number(taken.begins_at_ms))];
      return new PostgresDeliveryLease(this.db, taken.epoch, next, begins);
    });
  }
}

class PostgresDeliveryLease implements DeliveryLease {
  constructor(
    private readonly db: PostgresSqlDatabase,
    private readonly epoch: string,
    readonly next: Position,
    readonly beginsAtMs: EpochMs,
  ) {}

  async followed(): Promise<readonly FollowedCall[]> {
    const rows = await withQueueFailures(() => this.db.query<CallRow>('select * from webhook.call'));
    return rows.map(followedCallOf);
  }

  async apps(appIds: readonly VoiceAppId[]): Promise<readonly AppEndpoint[]> {
    const sql = 'select * from webhook.app where app_id = any($1::text[])';
    const rows = await withQueueFailures(() => this.db.query<AppRow>(sql, [appIds]));
    return rows.map(appEndpointOf);
  }

  apply(change: QueueChange, next: Position): Promise<void> {
    const { followed, ended, deliveries, secrets, deletedSecrets, apps, deletedApps } = change;
    return withQueueFailures(() =>
      this.db.transaction(async (tx) => {
        // First, because it locks out a successor until the end of the transaction.
        const moved = await tx.query(moveCheckpoint, [this.epoch, next]);
        if (moved.length === 0) throw leaseLost();
        if (followed.length > 0) tx.execute(insertCalls, callRows.values(followed));
        if (deliveries.length > 0) tx.execute(insertDeliveries, deliveryRows.values(deliveries));
        if (ended.length > 0) tx.execute(deleteCalls, [ended]);
        if (apps.length > 0) {
          tx.execute(upsertApps, appRows.values(apps));
          const changed = [apps.map(({ appId }) => appId)];
          tx.execute(followAppsInCalls, changed);
          tx.execute(followAppsInDeliveries, changed);
        }
        if (deletedApps.length > 0) {
          tx.execute(deleteApps, [deletedApps]);
          tx.execute(deleteCallsOfApps, [deletedApps]);
        }
        if (secrets.length > 0) tx.execute(upsertSecrets, secretRows.values(secrets));
        if (deletedSecrets.length > 0) tx.execute(deleteSecrets, [deletedSecrets]);
      }),
    );
  }

  async due({ nowMs, busy, underWay, perReceiverMax, limit }: DueAsked): Promise<readonly DueDelivery[]> {
    const [positions, endpoints] = [underWay.map((each) => each.position), underWay.map(({ endpoint }) => endpoint)];
    const params = [nowMs, busy, positions, endpoints, perReceiverMax, limit];
    const rows = await withQueueFailures(() => this.db.query<DueRow>(selectDue, params));
    return rows.map(dueDeliveryOf);
  }

  async settle(results: readonly AttemptResult[]): Promise<void> {
    const params = [this.epoch, ...resultRows.values(results)];
    const [row] = await withQueueFailures(() => this.db.query<{ held: string }>(settleResults, params));
    if (row?.held !== '1') throw leaseLost();
  }

  async backlog(): Promise<Backlog> {
    const sql = `select count(*) as pending, min(queued_at_ms) as oldest from webhook.delivery where state = 'pending'`;
    const [row] = await withQueueFailures(() => this.db.query<{ pending: string; oldest: string | null }>(sql));
    const oldest = row?.oldest ?? null;
    return {
      pending: Number(row?.pending ?? 0),
      oldestQueuedAtMs: oldest === null ? null : epochMs(Number(oldest)),
    };
  }

  async forget(settledBefore: EpochMs): Promise<void> {
    const sql = `with gone as (
        delete from webhook.delivery where (position, endpoint) in (
          select position, endpoint from webhook.delivery
          where state <> 'pending' and settled_at_ms < $1 limit ${String(forgottenMax)})
        returning position, endpoint)
      delete from webhook.attempt a using gone where a.position = gone.position and a.endpoint = gone.endpoint`;
    await withQueueFailures(() => this.db.query(sql, [settledBefore]));
  }
}

function leaseLost(): Failure {
  return new Failure('reactor_lease_lost', `the reactor ${reactor} has another owner now`, false);
}

async function withQueueFailures<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && error.code === 'database_unavailable')
      throw new Failure('delivery_queue_unavailable', error.message, true, { cause: error });
    throw unavailable('delivery_queue_unavailable', error);
  }
}
