import type { EndCause } from '@ringfence/domain/calls/call.events';
import { beginsCall, type BegunCall, begunCall } from '@ringfence/domain/calls/begun-call';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { type Mode, modes } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, Id, SubjectId, VoiceAppId } from '@ringfence/kernel/ids';
import { Failure } from '@ringfence/kernel/failure';
import { invariant } from '@ringfence/kernel/invariant';
import { packedId } from '@ringfence/kernel/packed-id';
import { type EpochMs, type Position, position } from '@ringfence/kernel/units';
import type { EventStore, RecordedEvent } from '@ringfence/ports/log/event-store';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { SharedStatement } from '@ringfence/runtime/shared-statement';
import { LRUCache } from 'lru-cache';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';
import { type CallRecord, callRow, type CallRow, type CallState, recordColumns } from './call-rows.js';

/** The owner of calls: an account in one mode. */
export type CallOwner = { readonly accountId: AccountId | null; readonly mode: Mode };

export type CallFilter = {
  readonly accountId: AccountId;
  /** null: both. */
  readonly mode: Mode | null;
  readonly state?: CallState | undefined;
  /** Calls that ended for one of these causes. */
  readonly causes?: readonly EndCause[] | undefined;
  readonly fromSubject?: SubjectId | undefined;
  readonly toSubject?: SubjectId | undefined;
  /** Calls under this app. */
  readonly voiceAppId?: VoiceAppId | undefined;
  /** Placed at or after it. */
  readonly createdAfter?: EpochMs | undefined;
  /** Placed before it. */
  readonly createdBefore?: EpochMs | undefined;
};

/** The most calls whose placing is kept, with 2 KB each; the least recently read is evicted. */
const placedMax = 4_096;

/** The reads of the log that calls need. */
type CallLog = Pick<EventStore, 'readAt' | 'readSubject'>;

/**
 * Calls, each with its leg: the state from the rows, how it was placed from the log. Throws Failure
 * `database_unavailable`, `event_store_unavailable` (both retryable).
 */
export class CallQueries {
  readonly #found = new SharedStatement<AskedCall, CallRecord & { readonly asked: number }>(
    (asked) => this.db.query(findSql, [asked]),
    () => new Failure('database_unavailable', 'Too many reads wait for the database.', true),
  );

  /** The events by which calls that were read lately were placed: most calls are read again until they end. */
  readonly #placed = new LRUCache<CallId, BegunCall>({ max: placedMax });

  constructor(
    private readonly db: SqlTransaction,
    private readonly log: CallLog,
  ) {}

  /**
   * A call of this owner, or of any (null). Somebody else's call takes as long as one that does not exist: the log is
   * read for both, and its event is not decoded.
   */
  async findCall(callId: CallId, owner: CallOwner | null): Promise<CallRow | undefined> {
    const kept = this.#placed.get(callId);
    const seen = kept !== undefined && (owner === null || isOwned(kept, owner)) ? kept : undefined;
    const [[record], [first]] = await Promise.all([
      this.#found.ask({
        call_id: packedId(callId),
        mode: owner?.mode ?? null,
        account_id: packedOrNull(owner?.accountId),
      }),
      seen === undefined ? this.log.readSubject(callId, 1) : [],
    ]);
    if (record === undefined) return undefined;
    if (seen !== undefined) return callRow(record, seen);
    if (first === undefined) return undefined;
    const placed = placedIn(first);
    this.#placed.set(callId, placed);
    return callRow(record, placed);
  }

  /** Newest first. Cursors are positions of first events: new calls do not change a page. */
  async listCalls(filter: CallFilter, page: PageRequest): Promise<Page<CallRow>> {
    const plan = pagePlan(page);
    const records = await this.db.query<CallRecord>(
      // Mode by mode, as in the indexes: the few calls of one mode are found without reading the many of the other.
      `select found.* from unnest($9::text[]) as asked (asked_mode) cross join lateral (${inBoth(
        (table) => `(select ${columns} from ${table}
         where account_id = $1 and mode = asked_mode
           and ($2::int8 is null or placed_position ${plan.comparison} $2)
           and ($3::text is null or state = $3)
           and ($4::uuid is null or from_subject = $4)
           and ($5::uuid is null or to_subject = $5)
           and ($6::int8 is null or placed_at_ms >= $6)
           and ($7::int8 is null or placed_at_ms < $7)
           and ($10::uuid is null or app_id = $10)
           and ($11::text[] is null or cause = any($11))
         order by placed_position ${plan.direction} limit $8)`,
      )}) as found
       order by placed_position ${plan.direction} limit $8`,
      [
        packedId(filter.accountId),
        plan.from,
        filter.state ?? null,
        packedOrNull(filter.fromSubject),
        packedOrNull(filter.toSubject),
        filter.createdAfter ?? null,
        filter.createdBefore ?? null,
        plan.fetch,
        filter.mode === null ? modes : [filter.mode],
        packedOrNull(filter.voiceAppId),
        filter.causes ?? null,
      ],
      'each_time',
    );
    const events = await this.log.readAt(records.map(placedPositionOf));
    const placed = new Map(events.map((event) => [event.position, event]));
    return pageOf(page, records, placedPositionOf, (record) => {
      const event = placed.get(placedPositionOf(record));
      invariant(event !== undefined, 'the log has the event of every row');
      return callRow(record, placedIn(event));
    });
  }
}

type AskedCall = { readonly call_id: string; readonly mode: Mode | null; readonly account_id: string | null };

const columns = recordColumns.join(', ');
// The limit keeps the subquery apart: each call is looked up by its id, however many are asked for.
const findSql = `select found.*, asked::int4
  from rows from (json_to_recordset($1) as (call_id uuid, mode text, account_id uuid))
    with ordinality as wanted (id, of_mode, of_account, asked)
  cross join lateral (${inBoth(
    (table) => `select ${columns} from ${table}
    where call_id = id and (of_mode is null or mode = of_mode and account_id = of_account)`,
  )} limit 1) as found`;

/** Makes a query of the calls that have ended and of those that have not: each call is in one of the tables. */
function inBoth(select: (table: string) => string): string {
  return `${select('calls.call')} union all ${select('calls.current_call')}`;
}

function isOwned({ accountId, mode }: BegunCall, owner: CallOwner): boolean {
  return accountId === owner.accountId && mode === owner.mode;
}

function packedOrNull(id: Id<string> | null | undefined): string | null {
  return id === null || id === undefined ? null : packedId(id);
}

function placedPositionOf(record: CallRecord): Position {
  return position(Number(record.placed_position));
}

function placedIn(event: RecordedEvent): BegunCall {
  const { data } = decodeRecorded(event);
  invariant(beginsCall(data), 'the first event of a call is its placing or its receipt');
  return begunCall(data);
}
