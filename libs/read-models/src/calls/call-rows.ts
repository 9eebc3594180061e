import type { EndCause, HangUpReason } from '@ringfence/domain/calls/call.events';
import type { RateQuote } from '@ringfence/domain/billing/rating/rate-quote';
import type { AttemptId, Mode, SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, DeckId, KeyId, LegId, SubjectId } from '@ringfence/kernel/ids';
import {
  type DurationMs,
  durationMs,
  type EpochMs,
  epochMs,
  type LocalDay,
  type Micros,
  micros,
  type Position,
  position,
} from '@ringfence/kernel/units';

export const callStates = ['initiated', 'ringing', 'answered', 'completed', 'failed'] as const;
export type CallState = (typeof callStates)[number];

/** A call in its current state. Personal values are sealed. */
export type CallRow = {
  readonly callId: CallId;
  /** Position of its CallPlaced; also the cursor of lists. */
  readonly placedPosition: Position;
  readonly legId: LegId;
  readonly attemptId: AttemptId;
  readonly accountId: AccountId;
  readonly keyId: KeyId;
  readonly mode: Mode;
  readonly project: string;
  readonly application: string;
  readonly direction: 'outbound';
  readonly from: SealedText;
  readonly to: SealedText;
  readonly flowUrl: SealedText;
  readonly statusCallbackUrl: SealedText | null;
  readonly record: boolean;
  readonly rate: RateQuote;
  /** The trunk that was chosen first; null: no candidate was recorded. */
  readonly trunk: string | null;
  /** The day on which it was placed, in the account's own calendar. */
  readonly localDay: LocalDay;
  readonly state: CallState;
  readonly authorisedForMs: DurationMs;
  /** Money that is reserved for it, or was at its end. */
  readonly reservedMicros: Micros;
  readonly placedAtMs: EpochMs;
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

/** The row as the table has it. */
export type CallRecord = {
  readonly call_id: CallId;
  readonly placed_position: string;
  readonly leg_id: LegId;
  readonly attempt_id: AttemptId;
  readonly account_id: AccountId;
  readonly key_id: KeyId;
  readonly mode: Mode;
  readonly project: string;
  readonly application: string;
  readonly from_subject: SubjectId;
  readonly from_ciphertext: string;
  readonly to_subject: SubjectId;
  readonly to_ciphertext: string;
  readonly flow_url_subject: SubjectId;
  readonly flow_url_ciphertext: string;
  readonly callback_subject: SubjectId | null;
  readonly callback_ciphertext: string | null;
  readonly record: boolean;
  readonly deck_id: DeckId;
  readonly deck_version: number;
  readonly prefix: string;
  readonly country: string;
  readonly connect_fee_micros: string;
  readonly per_minute_micros: string;
  readonly minimum_ms: string;
  readonly increment_ms: string;
  readonly trunk: string | null;
  readonly local_day_text: LocalDay;
  readonly placed_at_ms: string;
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

export function callRow(record: CallRecord): CallRow {
  const { callback_subject: callbackSubject, callback_ciphertext: callbackCiphertext } = record;
  return {
    callId: record.call_id,
    placedPosition: position(Number(record.placed_position)),
    legId: record.leg_id,
    attemptId: record.attempt_id,
    accountId: record.account_id,
    keyId: record.key_id,
    mode: record.mode,
    project: record.project,
    application: record.application,
    direction: 'outbound',
    from: { subjectId: record.from_subject, ciphertext: record.from_ciphertext },
    to: { subjectId: record.to_subject, ciphertext: record.to_ciphertext },
    flowUrl: { subjectId: record.flow_url_subject, ciphertext: record.flow_url_ciphertext },
    statusCallbackUrl:
      callbackSubject === null || callbackCiphertext === null
        ? null
        : { subjectId: callbackSubject, ciphertext: callbackCiphertext },
    record: record.record,
    rate: {
      deckId: record.deck_id,
      deckVersion: record.deck_version,
      prefix: record.prefix,
      country: record.country,
      connectFeeMicros: micros(BigInt(record.connect_fee_micros)),
      perMinuteMicros: micros(BigInt(record.per_minute_micros)),
      minimumMs: durationMs(Number(record.minimum_ms)),
      incrementMs: durationMs(Number(record.increment_ms)),
    },
    trunk: record.trunk,
    localDay: record.local_day_text,
    state: record.state,
    authorisedForMs: durationMs(Number(record.authorised_for_ms)),
    reservedMicros: micros(BigInt(record.reserved_micros)),
    placedAtMs: epochMs(Number(record.placed_at_ms)),
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
