import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import { momentText, type Opened } from '../edge/reading.js';
import { chargeBody, rateBody } from './price-bodies.js';

export const callPersonalValues = ['from', 'to'] as const;
export type OpenedNumbers = Opened<(typeof callPersonalValues)[number]>;

/**
 * A call in Teler's fields; `properties` has everything for which Teler has no field. An erased number is null, and is
 * named there.
 */
export function callBody(row: CallRow, opened: OpenedNumbers, currency: string): object {
  const { values, erased } = opened;
  return {
    id: row.callId,
    account_id: row.accountId,
    voice_app_id: row.voiceAppId,
    state: row.state,
    direction: row.direction,
    from_number: values.from,
    to_number: values.to,
    properties: {
      mode: row.mode,
      key_id: row.keyId,
      project: row.project,
      application: row.application,
      country: row.rate.country,
      record: false, // no call is recorded in this release
      authorised_for_ms: row.authorisedForMs,
      reserved_micros: String(row.reservedMicros),
      charged_micros: row.chargedMicros === null ? null : String(row.chargedMicros),
      talk_time_ms: row.talkTimeMs,
      billed_ms: row.billedMs,
      trunk: row.trunk,
      rate: rateBody(row, currency),
      charge: chargeBody(row, currency),
      erased: erased.map((name) => `${name}_number`),
    },
    created_at: momentText(row.placedAtMs),
    answered_at: momentText(row.answeredAtMs),
    ended_at: momentText(row.endedAtMs),
    reason: row.cause,
    legs: [legBody(row, opened)],
  };
}

/** The only leg of a call in this release: the one towards the party at the other end. */
export function legBody(row: CallRow, { values }: OpenedNumbers): object {
  return {
    id: row.legId,
    call_session_id: row.callId,
    direction: row.direction,
    role: row.direction === 'outbound' ? 'callee' : 'caller',
    state: row.state,
    from_number: values.from,
    to_number: values.to,
    parent_leg_id: null,
    recordings: [],
    created_at: momentText(row.placedAtMs),
    answered_at: momentText(row.answeredAtMs),
    ended_at: momentText(row.endedAtMs),
    reason: row.cause,
    ended_by: row.endedBy,
  };
}
