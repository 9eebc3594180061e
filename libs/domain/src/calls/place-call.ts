import { accept, refuse } from '@ringfence/kernel/decider';
import type { DurationMs } from '@ringfence/kernel/units';
import { priceOf } from '../billing/rating/rating.js';
import { type KeyLine, keyUnusableReason } from '../keys/key-line.js';
import { type KeyUsage, usageLine } from '../keys/key-usage.js';
import { today } from '../limits/account-days.js';
import type { RecordedDay } from '../shared/calendar.js';
import { remembers } from '../shared/generations.js';
import { allowedNumber } from './allowed-number.js';
import { appFault, appOfCall } from './app-of-call.js';
import type { PlaceCall } from './call.commands.js';
import type { CallEvent, CallPlaced } from './call.events.js';
import { refuseWith, type PlacingRefused } from './limit-refusals.js';
import type { PlacingView } from './placing-view.js';
import { type PlacingDecision, refuseRecorded, callUnauthorized } from './recorded-refusals.js';
import { admit, payerOf } from './reserve-call.js';

type KnownKey = KeyUsage['key'];
type PlaceDecision = { readonly placed: CallPlaced } | PlacingRefused;

/**
 * Decides PlaceCall, in this order: key → scope → account → numbers → caller number → destination → app → calls per
 * second → lines → channels of the app → lifetime caps → daily spend → balance → route. The first refusal per key,
 * reason and second is recorded in full.
 */
export function placeCall(command: PlaceCall, state: PlacingView): PlacingDecision {
  if (command.principal.kind !== 'key' || command.principal.home !== 'account') {
    const detail = 'A call is placed with a key of the account that pays for it.';
    return callUnauthorized(command, state, { code: 'presenter_not_allowed', detail });
  }
  const line = usageLine(state.keys, command.principal.keyId);
  const [use] = line;
  const keys = line.map(({ key }) => key);
  const fault = keyUnusableReason(keys, 'calls:write', command.nowMs);
  if (use === undefined || fault?.code === 'presenter_not_allowed')
    return callUnauthorized(command, state, fault ?? { code: 'key_unknown', detail: 'There is no such key.' });
  if (state.calls.has(command.callId) || remembers(state.ended, command.callId))
    return refuse({ code: 'call_already_placed', detail: `Call ${command.callId} was placed.` });
  const day = dayOf(command, state);
  const decision =
    fault === undefined
      ? decideInOrder(command, state, day, { line, keys, key: use.key })
      : refuseWith(fault.code, fault.detail);
  if ('placed' in decision) return accept<CallEvent>(decision.placed);
  return refuseRecorded(command, state, { key: use.key, refusal: decision.refusal, day });
}

/** null: the account was never opened. */
export function dayOf(
  { calendar, nowMs }: Pick<PlaceCall, 'calendar' | 'nowMs'>,
  { days }: Pick<PlacingView, 'days'>,
): RecordedDay | null {
  return days === null ? null : { localDay: today(days, calendar, nowMs), zoneData: calendar.version };
}

function decideInOrder(
  command: PlaceCall,
  state: PlacingView,
  day: RecordedDay | null,
  { line, keys, key }: { readonly line: KeyLine<KeyUsage>; readonly keys: KeyLine; readonly key: KnownKey },
): PlaceDecision {
  const payer = payerOf(state, day);
  if ('refusal' in payer) return payer;
  const number = allowedNumber(command, keys, key.mode, payer.currency);
  if ('refusal' in number) return number;
  const app = appOfCall(command, key.mode, state);
  const inactive = appFault(app);
  if (inactive !== undefined) return inactive;
  const means = { ...payer, priced: command.to.clear, number };
  const reserved = admit(command, state, { line, key, app }, means);
  if ('refusal' in reserved) return reserved;
  const candidates = command.routes[key.mode];
  if (candidates.length === 0) return refuseWith('no_route', `No trunk takes ${key.mode} calls.`);
  const { territory, kind, openedRange } = number;
  const destination = { territory, kind, plan: command.numberingPlan.version, openedRange };
  const voiceAppId = app?.appId ?? null;
  return { placed: placedEvent(command, key, { voiceAppId, destination, ...reserved, ...payer.day, candidates }) };
}

type Terms = RecordedDay & {
  readonly voiceAppId: CallPlaced['voiceAppId'];
  readonly rate: CallPlaced['rate'];
  readonly destination: CallPlaced['destination'];
  readonly authorisedForMs: DurationMs;
  readonly candidates: CallPlaced['candidates'];
};

function placedEvent(command: PlaceCall, key: KnownKey, terms: Terms): CallPlaced {
  return {
    type: 'CallPlaced',
    callId: command.callId,
    legId: command.legId,
    attemptId: command.attemptId,
    accountId: command.accountId,
    keyId: key.keyId,
    mode: key.mode,
    project: key.policy.project,
    application: key.policy.application,
    from: command.from.sealed,
    to: command.to.sealed,
    flowUrl: command.flowUrl,
    statusCallbackUrl: command.statusCallbackUrl,
    record: command.record,
    ringTimeoutMs: command.ringTimeoutMs,
    ...terms,
    reservedMicros: priceOf(terms.rate, terms.authorisedForMs),
    placedAtMs: command.nowMs,
  };
}
