import type { CallDirection } from '@ringfence/domain/calls/call-direction';
import type { EndCause } from '@ringfence/domain/calls/call.events';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs, Micros } from '@ringfence/kernel/units';
import type { CallState } from '@ringfence/read-models/calls/call-rows';
import { rfc2822, unansweredStatus } from '@ringfence/wire/twilio/twilio-call';
import { sidOf } from '@ringfence/wire/twilio/twilio-sid';
import { twilioRoot } from '../edge/twilio-errors.js';

/** A call as its row or its first event has it. */
export type ShownCall = {
  readonly callId: CallId;
  readonly accountId: AccountId;
  readonly direction: CallDirection;
  readonly state: CallState;
  readonly cause: EndCause | null;
  readonly placedAtMs: EpochMs;
  readonly ringingAtMs: EpochMs | null;
  readonly answeredAtMs: EpochMs | null;
  readonly endedAtMs: EpochMs | null;
  readonly talkTimeMs: DurationMs | null;
  readonly chargedMicros: Micros | null;
};

export function callsPath(accountId: AccountId): string {
  return `${twilioRoot}/Accounts/${sidOf('acc', accountId)}/Calls`;
}

/** A call in Twilio's fields. An erased number is an empty text, as clients expect no null there. */
export function twilioCallBody(
  call: ShownCall,
  { from, to }: { readonly from: string | null; readonly to: string | null },
  currency: string,
): object {
  const { callId, accountId, placedAtMs, endedAtMs, talkTimeMs, chargedMicros } = call;
  const sid = sidOf('cs', callId);
  return {
    sid,
    account_sid: sidOf('acc', accountId),
    parent_call_sid: null,
    phone_number_sid: null,
    group_sid: null,
    trunk_sid: null,
    status: statusOf(call),
    direction: call.direction === 'inbound' ? 'inbound' : 'outbound-api',
    from: from ?? '',
    from_formatted: from ?? '',
    to: to ?? '',
    to_formatted: to ?? '',
    date_created: rfc2822(placedAtMs),
    date_updated: rfc2822(endedAtMs ?? call.answeredAtMs ?? call.ringingAtMs ?? placedAtMs),
    start_time: rfc2822(placedAtMs),
    end_time: endedAtMs === null ? null : rfc2822(endedAtMs),
    // Clients convert it as soon as the call has ended: it is never null then.
    duration: endedAtMs === null ? null : String(Math.ceil((talkTimeMs ?? 0) / 1_000)),
    price: endedAtMs === null ? null : priceText(chargedMicros ?? 0n),
    price_unit: currency,
    queue_time: '0',
    answered_by: null,
    forwarded_from: null,
    caller_name: null,
    annotation: null,
    api_version: '2010-04-01',
    uri: `${callsPath(accountId)}/${sid}.json`,
    subresource_uris: {},
  };
}

function statusOf({ state, cause }: ShownCall): string {
  switch (state) {
    case 'initiated':
      return 'queued';
    case 'answered':
      return 'in-progress';
    case 'failed':
      return cause === null ? 'failed' : unansweredStatus(cause);
    default:
      return state;
  }
}

/** A charge as Twilio writes it: negative, with five digits after the point, or six where the last is not 0. */
function priceText(micros: bigint): string {
  const digits = String(micros).padStart(7, '0');
  const text = `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  return `${micros === 0n ? '' : '-'}${text.endsWith('0') ? text.slice(0, -1) : text}`;
}
