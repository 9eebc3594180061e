import type { SubjectId } from '@ringfence/kernel/ids';
import type { VoiceApp } from '../apps/voice-app.js';
import type { KnownKey } from '../keys/key-state.js';
import type { OwnNumber } from '../numbers/own-number.js';
import { rejectionEvents } from '../rejections/rejected-commands.js';
import type { RejectionCode } from '../rejections/rejection.events.js';
import type { ReceiveCall } from './call.commands.js';
import type { PlacingView } from './placing-view.js';
import type { PlacingDecision } from './recorded-refusals.js';

export type Called = { readonly number: OwnNumber; readonly app: VoiceApp };

const unansweredCodes = ['number_not_assigned', 'answering_key_missing'] as const satisfies readonly RejectionCode[];
type UnansweredCode = (typeof unansweredCodes)[number];
/** Says whether the code is that of a call that no key answers for. */
export function isUnansweredCode(code: string): code is UnansweredCode {
  return (unansweredCodes as readonly string[]).includes(code);
}

/** The key that answers for the app of the called number; undefined: there is none. */
export function answeringKeyOf({ to }: ReceiveCall, state: PlacingView): KnownKey | undefined {
  const called = calledBy(to.sealed.subjectId, state);
  const keyId = called?.app?.settings.answeringKeyId ?? null;
  return keyId === null ? undefined : state.keys.get(keyId)?.key;
}

/** The number that a call comes to, and the app that it is assigned to; undefined: the account does not have it. */
export function calledBy(
  subjectId: SubjectId,
  { numbersBySubject, numbers, voiceApps }: PlacingView,
): { readonly number: OwnNumber; readonly app: VoiceApp | undefined } | undefined {
  const numberId = numbersBySubject.get(subjectId);
  const number = numberId === undefined ? undefined : numbers.get(numberId);
  if (number === undefined) return undefined;
  const target = number.assignedTo;
  const app = target?.kind === 'voice_app' ? voiceApps.get(target.appId) : undefined;
  return { number, app: app?.mode === number.mode ? app : undefined };
}

/** Refuses a call that no key answers for. It is recorded as a rejected command. */
export function rejectUnanswered(
  { nowMs }: ReceiveCall,
  { rejections }: PlacingView,
  code: UnansweredCode,
  detail: string,
): PlacingDecision {
  const rejection = { presentedKeyId: null, code, commandType: 'receive_call', count: 1, turnedAwayAtMs: nowMs };
  return { accepted: false, refusal: { code, detail }, trace: rejectionEvents(rejections, rejection) };
}
