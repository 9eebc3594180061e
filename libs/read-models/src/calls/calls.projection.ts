import { readFileSync } from 'node:fs';
import { type BegunCall, begunCall } from '@ringfence/domain/calls/begun-call';
import type { CallPlaced, CallReceived, EndCause, HangUpReason } from '@ringfence/domain/calls/call.events';
import type { CallId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs, Micros, Position } from '@ringfence/kernel/units';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import { packedId } from '@ringfence/kernel/packed-id';
import { split } from '@ringfence/kernel/split';
import type { Projection } from '@ringfence/projections/projection';
import { type Columns, rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import type { CallState } from './call-rows.js';

/** The changes that one batch makes to a call, or the whole row of a call that is placed in it; null: none. */
type CallChange = {
  readonly callId: CallId;
  placed: (BegunCall & { readonly position: Position }) | null;
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
  version: 7,
  order: 'stream',
  tables: readFileSync(new URL('calls.sql', import.meta.url), 'utf8'),
  newBatch: () => new Map(),
  on: {
    calls: {
      CallPlaced: began,
      CallReceived: began,
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
      CallFlowRequested: 'ignore',
      CallFlowReplied: 'ignore',
      CallActionStarted: 'ignore',
      CallActionEnded: 'ignore',
      CallMuteRequested: 'ignore',
      CallDigitsRequested: 'ignore',
      CallPlaybackRequested: 'ignore',
      CallPlaybackEnded: 'ignore',
      CallFlowFailed: 'ignore',
      InboundCallSimulated: 'ignore',
      CallRefused: 'ignore',
      CallRefusalsCounted: 'ignore',
    },
    accounts: 'ignore',
    keys: 'ignore',
    rejections: 'ignore',
    webhooks: 'ignore',
    apps: 'ignore',
    trunks: 'ignore',
    numbers: 'ignore',
    inventory: 'ignore',
    platform: 'ignore',
  },
  write,
};

/** The state of each call, and the calls that have not ended. */
export const callsProjection = runnable(calls);

function began(
  { data, position }: { readonly data: CallPlaced | CallReceived; readonly position: Position },
  batch: Batch,
): void {
  const change = changeOf(batch, data.callId);
  change.placed = { ...begunCall(data), position };
  change.state = 'initiated';
  change.authorisedForMs = data.authorisedForMs;
  change.reservedMicros = data.reservedMicros;
}

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

function write(batch: Batch, tx: OpenTransaction): void {
  const [placed, changed] = split(batch.values(), isPlaced);
  const [placedEnded, placedAlive] = split(placed, hasEnded);
  const [ended, alive] = split(changed, hasEnded);
  insertedCalls.write(tx, insertCalls, placedEnded);
  insertedLive.write(tx, insertLive, placedAlive);
  changes.write(tx, updateLive, alive);
  changes.write(tx, endCalls, ended);
}

function isPlaced(change: CallChange): change is PlacedCall {
  return change.placed !== null;
}

function hasEnded(change: CallChange): boolean {
  return change.endedAtMs !== null;
}

/** The columns that a call's events change. */
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

const placedColumns: Columns<PlacedCall> = {
  call_id: ['uuid', (call) => packedId(call.callId)],
  placed_position: ['int8', (call) => call.placed.position],
  account_id: ['uuid', (call) => packedId(call.placed.accountId)],
  mode: ['text', (call) => call.placed.mode],
  from_subject: ['uuid', (call) => packedId(call.placed.from.subjectId)],
  to_subject: ['uuid', (call) => packedId(call.placed.to.subjectId)],
  app_id: ['uuid', ({ placed: { voiceAppId } }) => (voiceAppId === null ? null : packedId(voiceAppId))],
  placed_at_ms: ['int8', (call) => call.placed.placedAtMs],
};

const insertedCalls = rowSet<PlacedCall>({ ...placedColumns, ...changingColumns });
const insertCalls = `insert into call (${insertedCalls.names}) select * from ${insertedCalls.from}`;

const insertedLive = rowSet<PlacedCall>({
  ...placedColumns,
  ...changingColumns,
  attempt_id: ['uuid', (call) => packedId(call.placed.attemptId)],
});
const insertLive = `insert into current_call (${insertedLive.names}) select * from ${insertedLive.from}`;

const changes = rowSet<CallChange>({ call_id: ['uuid', (call) => packedId(call.callId)], ...changingColumns });
const changing = Object.keys(changingColumns);
const updateLive = `update current_call set ${changing.map((name) => `${name} = coalesce(new.${name}, current_call.${name})`).join(', ')}
  from ${changes.from} where current_call.call_id = new.call_id`;
const endCalls = `with new as (select * from ${changes.from}),
  live as (delete from current_call using new where current_call.call_id = new.call_id returning current_call.*)
  insert into call (${insertedCalls.names})
  select ${Object.keys(placedColumns)
    .map((name) => `live.${name}`)
    .join(', ')}, ${changing.map((name) => `coalesce(new.${name}, live.${name})`).join(', ')}
  from live join new using (call_id)`;
