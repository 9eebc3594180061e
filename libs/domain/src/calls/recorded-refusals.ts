import type { Decision } from '@ringfence/kernel/decider';
import type { KnownKey } from '../keys/key-state.js';
import { e164 } from '../limits/numbering-plan.js';
import type { Refusal } from '../refusals.js';
import { traceOf } from '../rejections/refusal-aggregation.js';
import type { RejectionEvent } from '../rejections/rejection.events.js';
import { rejectUnauthorized } from '../rejections/report-rejection.js';
import type { RecordedDay } from '../shared/calendar.js';
import type { PlaceCall } from './call.commands.js';
import type { CallEvent, CallRefused } from './call.events.js';
import type { PlacingRefused } from './limit-refusals.js';
import type { PlacingView } from './placing-view.js';
import { callsCounted } from './refused-calls.js';

export type PlacingDecision = Decision<CallEvent | RejectionEvent, Refusal>;

type Recorded = PlacingRefused & {
  /** The key that the call was to be placed with. */
  readonly key: KnownKey;
  /** null: the account was never opened. */
  readonly day: RecordedDay | null;
};

/** Refuses a call of a known key. The first refusal per key, reason and second is recorded in full. */
export function refuseRecorded(
  { to, nowMs }: Pick<PlaceCall, 'to' | 'nowMs'>,
  { refusals }: Pick<PlacingView, 'refusals'>,
  { key: { keyId, mode }, refusal, day }: Recorded,
): PlacingDecision {
  const { code } = refusal;
  const first: CallRefused = {
    type: 'CallRefused',
    presentedKeyId: keyId,
    mode,
    code,
    to: e164.test(to.clear) ? to.sealed : null,
    ...(day ?? { localDay: null, zoneData: null }),
    refusedAtMs: nowMs,
  };
  return { accepted: false, refusal, trace: traceOf(refusals, { keyId, code }, nowMs, first, callsCounted) };
}

/** Refuses a call for lack of authority. It is recorded as a rejected command, unless the account was never opened. */
export function callUnauthorized(
  command: PlaceCall,
  { standing, rejections }: PlacingView,
  refusal: Refusal,
): PlacingDecision {
  return rejectUnauthorized(command, standing.status === 'unopened' ? null : rejections, refusal);
}
