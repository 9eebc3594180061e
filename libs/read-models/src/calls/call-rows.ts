import type { BegunCall } from '@ringfence/domain/calls/begun-call';
import type { EndCause, HangUpReason } from '@ringfence/domain/calls/call.events';
import {
  type DurationMs,
  durationMs,
  type EpochMs,
  epochMs,
  type Micros,
  micros,
  type Position,
  position,
} from '@ringfence/kernel/units';

export const callStates = ['initiated', 'ringing', 'answered', 'completed', 'failed'] as const;
export type CallState = (typeof callStates)[number];

/** A call: how it began, and its current state. Personal values are sealed. */
export type CallRow = Omit<BegunCall, 'candidates'> & {
  /** Position of the event it began with; also the cursor of lists. */
  readonly placedPosition: Position;
  /** The trunk that was chosen first; null: no candidate was recorded. */
  readonly trunk: string | null;
  readonly state: CallState;
  /** The talk time that is authorised now. */
  readonly authorisedForMs: DurationMs;
  /** Money that is reserved for it, or was at its end. */
  readonly reservedMicros: Micros;
  readonly ringingAtMs: EpochMs | null;
  readonly answeredAtMs: EpochMs | null;
  /** Reason of a hang-up by the platform; null: there was none. */
  readonly hangUpReason: HangUpReason | null;
  readonly hangUpRequestedAtMs: EpochMs | null;
  readonly endedAtMs: EpochMs | null;
  readonly cause: EndCause | null;
  readonly endedBy: 'caller' | 'callee' | 'platform' | null;
  /** Null until it has ended; a call that was never answered has 0. */
  readonly talkTimeMs: DurationMs | null;
  readonly billedMs: DurationMs | null;
  readonly chargedMicros: Micros | null;
};

/** The part of a row that its first event does not say. */
export type CallRecord = {
  readonly placed_position: string;
  readonly state: CallState;
  readonly authorised_for_ms: string;
  readonly reserved_micros: string;
  readonly ringing_at_ms: string | null;
  readonly answered_at_ms: string | null;
  readonly hang_up_reason: HangUpReason | null;
  readonly hang_up_requested_at_ms: string | null;
  readonly ended_at_ms: string | null;
  readonly cause: EndCause | null;
  readonly ended_by: 'caller' | 'callee' | 'platform' | null;
  readonly talk_time_ms: string | null;
  readonly billed_ms: string | null;
  readonly charged_micros: string | null;
};

/** The names of a record's columns, the same in the rows of calls that have ended and of those that have not. */
export const recordColumns = [
  'placed_position',
  'state',
  'authorised_for_ms',
  'reserved_micros',
  'ringing_at_ms',
  'answered_at_ms',
  'hang_up_reason',
  'hang_up_requested_at_ms',
  'ended_at_ms',
  'cause',
  'ended_by',
  'talk_time_ms',
  'billed_ms',
  'charged_micros',
] satisfies readonly (keyof CallRecord)[];

/** @param placed the event at the record's `placed_position` */
export function callRow(record: CallRecord, { candidates, ...placed }: BegunCall): CallRow {
  return {
    ...placed,
    placedPosition: position(Number(record.placed_position)),
    trunk: candidates[0]?.trunk ?? null,
    state: record.state,
    authorisedForMs: durationMs(Number(record.authorised_for_ms)),
    reservedMicros: micros(BigInt(record.reserved_micros)),
    ringingAtMs: moment(record.ringing_at_ms),
    answeredAtMs: moment(record.answered_at_ms),
    hangUpReason: record.hang_up_reason,
    hangUpRequestedAtMs: moment(record.hang_up_requested_at_ms),
    endedAtMs: moment(record.ended_at_ms),
    cause: record.cause,
    endedBy: record.ended_by,
    talkTimeMs: length(record.talk_time_ms),
    billedMs: length(record.billed_ms),
    chargedMicros: record.charged_micros === null ? null : micros(BigInt(record.charged_micros)),
  };
}

function moment(value: string | null): EpochMs | null {
  return value === null ? null : epochMs(Number(value));
}

function length(value: string | null): DurationMs | null {
  return value === null ? null : durationMs(Number(value));
}
