import { accept, refuse } from '@ringfence/kernel/decider';
import { priceOf } from '../billing/rating/rating.js';
import { keyUnusableReason } from '../keys/key-line.js';
import type { KnownKey } from '../keys/key-state.js';
import { usageLine } from '../keys/key-usage.js';
import { faultDetail, numberCalled, unknownRange } from '../limits/called-number.js';
import type { RecordedDay } from '../shared/calendar.js';
import { remembers } from '../shared/generations.js';
import { appFault } from './app-of-call.js';
import type { ReceiveCall } from './call.commands.js';
import type { CallEvent, CallReceived } from './call.events.js';
import { type Called, calledBy, rejectUnanswered } from './called-app.js';
import { type PlacingRefused, refuseWith } from './limit-refusals.js';
import { dayOf } from './place-call.js';
import type { PlacingView } from './placing-view.js';
import { type PlacingDecision, refuseRecorded } from './recorded-refusals.js';
import { admit, payerOf } from './reserve-call.js';

/** The number that a call comes to, its app, and the key that answers for the app. */
type Answerer = Called & { readonly line: ReturnType<typeof usageLine>; readonly key: KnownKey };

/**
 * Decides a call that a carrier brings, in this order: number → app → answering key → scope → account → app active →
 * calls per second → lines → channels of the app → lifetime caps → daily spend → balance. A refusal is recorded under
 * the answering key, as that of a placed call is; one that no key answers for is a rejected command.
 */
export function receiveCall(command: ReceiveCall, state: PlacingView): PlacingDecision {
  if (command.principal.kind !== 'worker')
    return refuse({ code: 'presenter_not_allowed', detail: 'Only a worker of a carrier reports incoming calls.' });
  if (state.calls.has(command.callId) || remembers(state.ended, command.callId))
    return refuse({ code: 'call_already_received', detail: `Call ${command.callId} was received.` });
  const called = calledBy(command.to.sealed.subjectId, state);
  if (called === undefined) return refuse({ code: 'number_unknown', detail: 'The account does not have the number.' });
  const { number, app } = called;
  if (app === undefined)
    return rejectUnanswered(command, state, 'number_not_assigned', `Number ${number.numberId} is assigned to no app.`);
  const keyId = app.settings.answeringKeyId;
  const line = keyId === null ? [] : usageLine(state.keys, keyId);
  const [use] = line;
  if (use === undefined)
    return rejectUnanswered(command, state, 'answering_key_missing', `App ${app.appId} names no key that answers.`);
  return decideFor(command, state, { number, app, line, key: use.key });
}

function decideFor(command: ReceiveCall, state: PlacingView, answerer: Answerer): PlacingDecision {
  const { key, line } = answerer;
  const day = dayOf(command, state);
  const fault = keyUnusableReason(
    line.map((each) => each.key),
    'calls:receive',
    command.nowMs,
  );
  if (fault?.code === 'presenter_not_allowed')
    return rejectUnanswered(command, state, 'answering_key_missing', fault.detail);
  const decision =
    fault === undefined ? decideInOrder(command, state, day, answerer) : refuseWith(fault.code, fault.detail);
  if ('refusal' in decision) return refuseRecorded(command, state, { key, refusal: decision.refusal, day });
  return accept<CallEvent>(decision);
}

function decideInOrder(
  command: ReceiveCall,
  state: PlacingView,
  day: RecordedDay | null,
  { number, app, line, key }: Answerer,
): CallReceived | PlacingRefused {
  const payer = payerOf(state, day);
  if ('refusal' in payer) return payer;
  const known = numberCalled(command.to.clear, command.numberingPlan, command.nowMs);
  if ('fault' in known) return refuseWith(known.fault.code, faultDetail(known.fault, 'to_number'));
  if (known.number.status === 'unknown') return refuseWith(unknownRange.code, unknownRange.detail);
  const inactive = appFault(app);
  if (inactive !== undefined) return inactive;
  const means = { ...payer, priced: command.to.clear, number: known.number };
  const reserved = admit(command, state, { line, key, app }, means);
  return 'refusal' in reserved ? reserved : receivedEvent(command, { number, app, key }, { ...reserved, ...payer.day });
}

type Terms = RecordedDay & Pick<CallReceived, 'rate' | 'authorisedForMs'>;
function receivedEvent(
  command: ReceiveCall,
  { number, app, key }: Called & { readonly key: KnownKey },
  terms: Terms,
): CallReceived {
  return {
    type: 'CallReceived',
    callId: command.callId,
    legId: command.legId,
    attemptId: command.attemptId,
    accountId: command.accountId,
    keyId: key.keyId,
    mode: key.mode,
    project: key.policy.project,
    application: key.policy.application,
    numberId: number.numberId,
    voiceAppId: app.appId,
    flowUrl: app.settings.flowUrl,
    from: command.from.sealed,
    to: command.to.sealed,
    ringTimeoutMs: command.ringTimeoutMs,
    ...terms,
    reservedMicros: priceOf(terms.rate, terms.authorisedForMs),
    receivedAtMs: command.nowMs,
  };
}
