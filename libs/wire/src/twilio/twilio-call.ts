import type { EndCause } from '@ringfence/domain/calls/call.events';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs } from '@ringfence/kernel/units';
import { sidOf } from './twilio-sid.js';
import type { TwilioParameters } from './twilio-signature.js';

/** The states of a call in Twilio's words. `initiated` is a status of callbacks alone; a resource is `queued`. */
type TwilioCallStatus =
  'queued' | 'initiated' | 'ringing' | 'in-progress' | 'completed' | 'busy' | 'no-answer' | 'canceled' | 'failed';

type TwilioDirection = 'inbound' | 'outbound-api' | 'outbound-dial';

/** A call as requests and callbacks describe it. Numbers are in clear; null: their subject was erased. */
export type DescribedCall = {
  readonly callId: CallId;
  readonly accountId: AccountId;
  readonly from: string | null;
  readonly to: string | null;
  readonly status: TwilioCallStatus;
  readonly direction: TwilioDirection;
};

/** The status of a call that ended without an answer. */
export function unansweredStatus(cause: EndCause): TwilioCallStatus {
  switch (cause) {
    case 'busy':
      return 'busy';
    case 'no_answer':
      return 'no-answer';
    case 'caller_hangup':
    case 'cancelled':
      return 'canceled';
    default:
      return 'failed';
  }
}

/** A moment as RFC 2822 writes it, in UTC: `Tue, 31 Aug 2010 20:36:28 +0000`. */
export function rfc2822(moment: EpochMs): string {
  return new Date(moment).toUTCString().replace('GMT', '+0000');
}

/** The parameters that every request about a call has: for its TwiML, and for its callbacks. */
export function callParameters({ callId, accountId, from, to, status, direction }: DescribedCall): TwilioParameters {
  const [caller, called] = [from ?? '', to ?? ''];
  return [
    ['CallSid', sidOf('cs', callId)],
    ['AccountSid', sidOf('acc', accountId)],
    ['ApiVersion', '2010-04-01'],
    ['From', caller],
    ['To', called],
    ['Caller', caller],
    ['Called', called],
    ['CallStatus', status],
    ['Direction', direction],
  ];
}

type ProgressCallback = {
  /** Counts the callbacks of the call, from 0. */
  readonly sequence: number;
  readonly occurredAtMs: EpochMs;
  /** Talk time; null: the call has not ended. */
  readonly talkTimeMs: DurationMs | null;
};

/** The parameters of a status callback. `Duration` is in minutes begun, `CallDuration` in seconds begun. */
export function progressParameters(call: DescribedCall, callback: ProgressCallback): TwilioParameters {
  const { sequence, occurredAtMs, talkTimeMs } = callback;
  const progress: TwilioParameters = [
    ...callParameters(call),
    ['CallbackSource', 'call-progress-events'],
    ['SequenceNumber', String(sequence)],
    ['Timestamp', rfc2822(occurredAtMs)],
  ];
  if (talkTimeMs === null) return progress;
  return [
    ...progress,
    ['CallDuration', String(Math.ceil(talkTimeMs / 1_000))],
    ['Duration', String(Math.ceil(talkTimeMs / 60_000))],
  ];
}

/** Parameters as the body of a form. */
export function formBody(parameters: TwilioParameters): string {
  return new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString();
}
