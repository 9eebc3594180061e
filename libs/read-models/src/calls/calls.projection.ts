import { readFileSync } from 'node:fs';
import type { CallPlaced, EndCause, HangUpReason } from '@ringfence/domain/calls/call.events';
import type { CallId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs, Micros, Position } from '@ringfence/kernel/units';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import { split } from '@ringfence/kernel/split';
import type { Projection } from '@ringfence/projections/projection';
import { type Columns, rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import type { CallState } from './call-rows.js';

/** The changes that one batch makes to a call, or the whole row of a call that is placed in it; null: none. */
type CallChange = {
  readonly callId: CallId;
  placed: (CallPlaced & { readonly position: Position }) | null;
  state: CallState | null;
  authorisedForMs: DurationMs | null;
  reservedMicros: Micros | null;
  ringingAtMs: EpochMs | null;
  answeredAtMs: EpochMs | null;
  hangUpReason: HangUpReason | null;
  hangUpRequestedAtMs: EpochMs | null;
  endedAtMs: EpochMs | null;
  cause: EndCause | null;
  endedBy: 'caller' | 'callee' | 'platform' | null;
  talkTimeMs: number | null;
  billedMs: number | null;
  chargedMicros: bigint | null;
};
type PlacedCall = CallChange & { placed: NonNullable<CallChange['placed']> };
type Batch = Map<CallId, CallChange>;

const calls: Projection<Batch> = {
  name: 'calls',
  version: 4,
  order: 'stream',
  tables: readFileSync(new URL('calls.sql', import.meta.url), 'utf8'),
  newBatch: () => new Map(),
  on: {
    calls: {
      CallPlaced: ({ data, position }, batch) => {
        const change = changeOf(batch, data.callId);
        change.placed = { ...data, position };
        change.state = 'initiated';
        change.authorisedForMs = data.authorisedForMs;
        change.reservedMicros = data.reservedMicros;
      },
      CallRinging: ({ data }, batch) => {
        const change = changeOf(batch, data.callId);
        change.state = 'ringing';
        change.ringingAtMs = data.ringingAtMs;
      },
      CallAnswered: ({ data }, batch) => {
        const change = changeOf(batch, data.callId);
        change.state = 'answered';
        change.answeredAtMs = data.answeredAtMs;
      },
      CallExtended: ({ data }, batch) => {
        const change = changeOf(batch, data.callId);
        change.authorisedForMs = data.authorisedForMs;
        change.reservedMicros = data.reservedMicros;
      },
      CallHangUpRequested: ({ data }, batch) => {
        const change = changeOf(batch, data.callId);
        change.hangUpReason = data.reason;
        change.hangUpRequestedAtMs = data.requestedAtMs;
      },
      CallCompleted: ({ data }, batch) => {
        const change = changeOf(batch, data.callId);
        change.state = 'completed';
        change.endedAtMs = data.endedAtMs;
        change.cause = data.cause;
        change.endedBy = data.endedBy;
        change.talkTimeMs = data.talkTimeMs;
        change.billedMs = data.billedMs;
        change.chargedMicros = data.chargedMicros;
      },
      CallFailed: ({ data }, batch) => {
        const change = changeOf(batch, data.callId);
        change.state = 'failed';
        change.endedAtMs = data.endedAtMs;
        change.cause = data.cause;
        change.talkTimeMs = 0;
        change.billedMs = 0;
        change.chargedMicros = 0n;
      },
      CallRefused: 'ignore',
      CallRefusalsCounted: 'ignore',
    },
    accounts: 'ignore',
    keys: 'ignore',
    rejections: 'ignore',
    platform: 'ignore',
  },
  write,
};

/** The state of each call, and the calls that have not ended. */
export const callsProjection = runnable(calls);

function changeOf(batch: Batch, callId: CallId): CallChange {
  return getOrInsert(batch, callId, () => ({
    callId,
    placed: null,
    state: null,
    authorisedForMs: null,
    reservedMicros: null,
    ringingAtMs: null,
    answeredAtMs: null,
    hangUpReason: null,
    hangUpRequestedAtMs: null,
    endedAtMs: null,
    cause: null,
    endedBy: null,
    talkTimeMs: null,
    billedMs: null,
    chargedMicros: null,
  }));
}

async function write(batch: Batch, tx: SqlTransaction): Promise<void> {
  const [placed, changed] = split(batch.values(), isPlaced);
  await insertedCalls.write(tx, insertCalls, placed);
  const alive = placed.filter((change) => change.endedAtMs === null);
  await insertedLive.write(tx, insertLive, alive);
  await updatedCalls.write(tx, updateCalls, changed);
  const ended = changed.filter((change) => change.endedAtMs !== null).map((change) => change.callId);
  if (ended.length > 0) await tx.query('delete from live_call where call_id = any($1::text[])', [ended]);
}

function isPlaced(change: CallChange): change is PlacedCall {
  return change.placed !== null;
}

/** The columns that a call's events change: in its first row, and in every later change. */
const changingColumns: Columns<CallChange> = {
  state: ['text', (call) => call.state],
  authorised_for_ms: ['int8', (call) => call.authorisedForMs],
  reserved_micros: ['int8', (call) => call.reservedMicros],
  ringing_at_ms: ['int8', (call) => call.ringingAtMs],
  answered_at_ms: ['int8', (call) => call.answeredAtMs],
  hang_up_reason: ['text', (call) => call.hangUpReason],
  hang_up_requested_at_ms: ['int8', (call) => call.hangUpRequestedAtMs],
  ended_at_ms: ['int8', (call) => call.endedAtMs],
  cause: ['text', (call) => call.cause],
  ended_by: ['text', (call) => call.endedBy],
  talk_time_ms: ['int8', (call) => call.talkTimeMs],
  billed_ms: ['int8', (call) => call.billedMs],
  charged_micros: ['int8', (call) => call.chargedMicros],
};

const insertedCalls = rowSet<PlacedCall>({
  call_id: ['text', (call) => call.callId],
  placed_position: ['int8', (call) => call.placed.position],
  account_id: ['text', (call) => call.placed.accountId],
  mode: ['text', (call) => call.placed.mode],
  from_subject: ['text', (call) => call.placed.from.subjectId],
  to_subject: ['text', (call) => call.placed.to.subjectId],
  placed_at_ms: ['int8', (call) => call.placed.placedAtMs],
  ...changingColumns,
});
const insertCalls = `insert into call (${insertedCalls.names}) select * from ${insertedCalls.from}`;

const insertedLive = rowSet<PlacedCall>({
  call_id: ['text', (call) => call.callId],
  placed_position: ['int8', (call) => call.placed.position],
  account_id: ['text', (call) => call.placed.accountId],
  attempt_id: ['text', (call) => call.placed.attemptId],
});
const insertLive = `insert into live_call (${insertedLive.names}) select * from ${insertedLive.from}`;

const updatedCalls = rowSet<CallChange>({
  call_id: ['text', (call) => call.callId],
  ...changingColumns,
});
const updateCalls = `update call set ${Object.keys(changingColumns)
  .map((name) => `${name} = coalesce(new.${name}, call.${name})`)
  .join(', ')}
  from ${updatedCalls.from} where call.call_id = new.call_id`;
