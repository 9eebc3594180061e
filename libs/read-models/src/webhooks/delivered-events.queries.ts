import type { WebhookApiVersion } from '@ringfence/domain/apps/voice-app.events';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, EventId, VoiceAppId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { WebhookEndpoint } from '@ringfence/domain/webhooks/webhook.events';
import type { DeliveryState } from '@ringfence/ports/deliveries/delivery-queue';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import type { OwnedBy } from '../owned-by.js';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

export const deliveryStates = ['pending', 'delivered', 'failed_permanent'] as const satisfies readonly DeliveryState[];

/** An event of a call that is delivered, with the state of its delivery to all its endpoints. */
export type DeliveredEventRow = {
  /** Position of the event; also the cursor of lists. */
  readonly position: Position;
  readonly eventId: EventId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly callId: CallId;
  readonly appId: VoiceAppId | null;
  /** Name of the event for clients, `call.ringing`. */
  readonly eventName: string;
  readonly apiVersion: WebhookApiVersion;
  readonly sequence: number;
  readonly occurredAtMs: EpochMs;
  readonly queuedAtMs: EpochMs;
  readonly state: DeliveryState;
  /** Attempts since it was queued, or requested again. */
  readonly attempts: number;
  readonly lastAttemptAtMs: EpochMs | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  /** null: it is pending. */
  readonly settledAtMs: EpochMs | null;
};
export type DeliveredEventFilter = OwnedBy & {
  readonly callId: CallId | null;
  readonly eventName: string | null;
  readonly occurredAfter: EpochMs | null;
  readonly state: DeliveryState | null;
};
/** One attempt to deliver an event. `round` counts the requests to deliver it again. */
export type DeliveryAttemptRow = {
  readonly endpoint: WebhookEndpoint;
  readonly round: number;
  readonly attempt: number;
  readonly attemptedAtMs: EpochMs;
  readonly status: number | null;
  readonly error: string | null;
  readonly latencyMs: number;
};

/** Deliveries of an event to its endpoints as one: it is delivered when every endpoint has taken it. */
const together = `position, event_id, account_id, mode, call_id, app_id, event_name, sequence, occurred_at_ms, queued_at_ms,
  max(api_version) as api_version, ${stateOfAll()} as state, sum(attempts)::int4 as attempts,
  max(last_attempt_at_ms) as last_attempt_at_ms,
  (array_agg(last_status order by last_attempt_at_ms desc nulls last))[1] as last_status,
  (array_agg(last_error order by last_attempt_at_ms desc nulls last))[1] as last_error,
  case when bool_and(settled_at_ms is not null) then max(settled_at_ms) end as settled_at_ms`;
const oneEvent = `group by position, event_id, account_id, mode, call_id, app_id, event_name, sequence, occurred_at_ms,
  queued_at_ms`;

function stateOfAll(): string {
  return `case when bool_or(state = 'pending') then 'pending' when bool_or(state = 'failed_permanent')
    then 'failed_permanent' else 'delivered' end`;
}

/** Attempts of an event that are shown, the latest. */
const attemptsMax = 200;

/**
 * Events in the queue of webhooks, which is no projection: its rows are those of the process that sends. Throws Failure
 * `database_unavailable` (retryable).
 */
export class DeliveredEventQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** @param owner null: an event of any account */
  async find(eventId: EventId, owner: OwnedBy | null): Promise<DeliveredEventRow | undefined> {
    const [record] = await this.db.query<EventRecord>(
      `select ${together} from webhook.delivery where event_id = $1
       and ($2::text is null or account_id = $2) and ($3::text is null or mode = $3) ${oneEvent}`,
      [eventId, owner?.accountId ?? null, owner?.mode ?? null],
    );
    return record === undefined ? undefined : eventRow(record);
  }

  /** Newest first. */
  async list(filter: DeliveredEventFilter, page: PageRequest): Promise<Page<DeliveredEventRow>> {
    const { accountId, mode, callId, eventName, occurredAfter, state } = filter;
    const plan = pagePlan(page);
    const records = await this.db.query<EventRecord>(
      `select ${together} from webhook.delivery where account_id = $1 and ($2::text is null or mode = $2)
         and ($3::int8 is null or position ${plan.comparison} $3)
         and ($4::text is null or call_id = $4) and ($5::text is null or event_name = $5)
         and ($6::int8 is null or occurred_at_ms > $6)
       ${oneEvent} having $7::text is null or ${stateOfAll()} = $7
       order by position ${plan.direction} limit $8`,
      [accountId, mode, plan.from, callId, eventName, occurredAfter, state, plan.fetch],
      'each_time',
    );
    return pageOf(
      page,
      records.map(eventRow),
      (row) => row.position,
      (row) => row,
    );
  }

  /** The latest attempts, the first of them first. */
  async attempts(at: Position): Promise<readonly DeliveryAttemptRow[]> {
    const records = await this.db.query<AttemptRecord>(
      `select * from webhook.attempt where position = $1 order by attempted_at_ms desc, round desc, attempt desc, endpoint desc limit ${String(attemptsMax)}`,
      [at],
    );
    return records.map(attemptRow).reverse();
  }

  /**
   * Makes the settled deliveries of an event pending again, due at once.
   * @returns false: all are pending already
   */
  async redeliver(at: Position, nowMs: EpochMs): Promise<boolean> {
    const changed = await this.db.query(
      `update webhook.delivery set state = 'pending', round = round + 1, attempts = 0, started_at_ms = $2,
         due_at_ms = $2, settled_at_ms = null
       where position = $1 and state <> 'pending' returning position`,
      [at, nowMs],
    );
    return changed.length > 0;
  }
}

type EventRecord = {
  readonly position: string;
  readonly event_id: EventId;
  readonly account_id: AccountId;
  readonly mode: Mode;
  readonly call_id: CallId;
  readonly app_id: VoiceAppId | null;
  readonly event_name: string;
  readonly api_version: WebhookApiVersion;
  readonly sequence: number;
  readonly occurred_at_ms: string;
  readonly queued_at_ms: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly last_attempt_at_ms: string | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly settled_at_ms: string | null;
};
type AttemptRecord = {
  readonly endpoint: WebhookEndpoint;
  readonly round: number;
  readonly attempt: number;
  readonly attempted_at_ms: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly latency_ms: number;
};

function eventRow(record: EventRecord): DeliveredEventRow {
  return {
    position: position(Number(record.position)),
    eventId: record.event_id,
    accountId: record.account_id,
    mode: record.mode,
    callId: record.call_id,
    appId: record.app_id,
    eventName: record.event_name,
    apiVersion: record.api_version,
    sequence: record.sequence,
    occurredAtMs: epochMs(Number(record.occurred_at_ms)),
    queuedAtMs: epochMs(Number(record.queued_at_ms)),
    state: record.state,
    attempts: record.attempts,
    lastAttemptAtMs: moment(record.last_attempt_at_ms),
    lastStatus: record.last_status,
    lastError: record.last_error,
    settledAtMs: moment(record.settled_at_ms),
  };
}

function attemptRow(record: AttemptRecord): DeliveryAttemptRow {
  return {
    endpoint: record.endpoint,
    round: record.round,
    attempt: record.attempt,
    attemptedAtMs: epochMs(Number(record.attempted_at_ms)),
    status: record.status,
    error: record.error,
    latencyMs: record.latency_ms,
  };
}

function moment(value: string | null): EpochMs | null {
  return value === null ? null : epochMs(Number(value));
}
