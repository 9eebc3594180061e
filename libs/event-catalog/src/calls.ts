import type { RateQuote } from '@ringfence/domain/billing/rating/rate-quote';
import { callRefusalCodes } from '@ringfence/domain/calls/call-refusals';
import {
  type CalledDestination,
  type CallEvent,
  type CallRefusalsCounted,
  type CallRefused,
  endCauses,
  hangUpReasons,
  onDigitValues,
  playbackOutcomes,
} from '@ringfence/domain/calls/call.events';
import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import type { RouteCandidate } from '@ringfence/domain/routing/routes';
import { modes } from '@ringfence/domain/shared/values';
import type { CallId } from '@ringfence/kernel/ids';
import { callFlowDefinitions } from './call-flows.js';
import { fewerWords, type Upcaster } from './catalogue.js';
import {
  about,
  type ContextCatalogue,
  type EventFacts,
  type FactState,
  type StateAround,
} from './context-catalogue.js';
import {
  count,
  duration,
  flag,
  id,
  listOf,
  microsAmount,
  moment,
  nullable,
  objectOf,
  oneOf,
  sealedText,
  text,
} from './shape.js';

const mode = oneOf(modes);
const ofCall = { callId: id('cs'), legId: id('cl'), keyId: id('key') };
const recordedDay = { localDay: text('localDay'), zoneData: nullable(text('label')) };
const dayOfRefusal = { localDay: nullable(text('localDay')), zoneData: nullable(text('label')) };

const rateQuote = objectOf<RateQuote>({
  deckId: id('deck'),
  deckVersion: count,
  prefix: text('prefixDigits'),
  country: text('country'),
  connectFeeMicros: microsAmount,
  perMinuteMicros: microsAmount,
  minimumMs: duration,
  incrementMs: duration,
});
/** The end of a playback. */
export const playbackEnd = { outcome: oneOf(playbackOutcomes), audioMs: duration };
const calledDestination = objectOf<CalledDestination>({
  territory: nullable(text('country')),
  kind: oneOf(numberKinds),
  plan: text('label'),
  openedRange: nullable(text('prefixDigits')),
});
const routeCandidate = objectOf<RouteCandidate>({
  trunk: text('label'),
  tier: oneOf(['premium', 'standard']),
  rank: count,
});

/** A call from before the called number was looked up in the numbering data. */
const withoutDestination: Upcaster = (data) => ({ ...data, destination: null });
/** A call from before calls were recorded with an app, and with the version of the zone data. */
const withoutApp: Upcaster = (data) => ({ ...data, zoneData: null, voiceAppId: null });
/** A day whose version of the zone data was not recorded. */
const withoutZoneData: Upcaster = (data) => ({ ...data, zoneData: null });
/** A refusal from before refusals carried their day. */
const withoutDay: Upcaster = (data) => ({ ...data, localDay: null, zoneData: null });

export const callCatalogue: ContextCatalogue<CallEvent> = {
  CallPlaced: {
    name: 'call.placed',
    version: 3,
    fields: {
      ...ofCall,
      attemptId: id('evt'),
      accountId: id('acc'),
      mode,
      project: text('label'),
      application: text('label'),
      voiceAppId: nullable(id('va')),
      from: sealedText,
      to: sealedText,
      flowUrl: nullable(sealedText),
      statusCallbackUrl: nullable(sealedText),
      record: flag,
      ringTimeoutMs: duration,
      rate: rateQuote,
      destination: nullable(calledDestination),
      candidates: listOf(routeCandidate),
      authorisedForMs: duration,
      reservedMicros: microsAmount,
      ...recordedDay,
      placedAtMs: moment,
    },
    upcasters: [withoutDestination, withoutApp],
    // The event's id is that of the attempt, by which carriers dial once.
    facts: (event, { after }) => ({
      ...aboutCallIn(after, event.callId),
      mode: event.mode,
      eventId: event.attemptId,
    }),
  },
  CallRinging: {
    name: 'call.ringing',
    version: 1,
    fields: { ...ofCall, attemptId: id('evt'), ringingAtMs: moment },
    facts: aboutCall,
  },
  CallAnswered: {
    name: 'call.answered',
    version: 1,
    fields: { ...ofCall, attemptId: id('evt'), answeredAtMs: moment },
    facts: aboutCall,
  },
  CallExtended: {
    name: 'call.extended',
    version: 2,
    fields: {
      ...ofCall,
      mode,
      authorisedForMs: duration,
      addedMicros: microsAmount,
      reservedMicros: microsAmount,
      ...recordedDay,
      extendedAtMs: moment,
    },
    upcasters: [withoutZoneData],
    facts: aboutCall,
  },
  CallHangUpRequested: {
    name: 'call.hang_up_requested',
    version: 2,
    fields: { ...ofCall, reason: oneOf(hangUpReasons), requestedAtMs: moment },
    upcasters: [fewerWords],
    facts: aboutCall,
  },
  CallCompleted: {
    name: 'call.completed',
    version: 3,
    fields: {
      ...ofCall,
      mode,
      project: text('label'),
      application: text('label'),
      cause: oneOf(endCauses),
      endedBy: oneOf(['caller', 'callee', 'platform']),
      talkTimeMs: duration,
      billedMs: duration,
      chargedMicros: microsAmount,
      releasedMicros: microsAmount,
      ...recordedDay,
      endedAtMs: moment,
    },
    upcasters: [withoutZoneData, fewerWords],
    facts: aboutCall,
  },
  CallFailed: {
    name: 'call.failed',
    version: 3,
    fields: {
      ...ofCall,
      mode,
      project: text('label'),
      application: text('label'),
      cause: oneOf(endCauses),
      releasedMicros: microsAmount,
      ...recordedDay,
      endedAtMs: moment,
    },
    upcasters: [withoutZoneData, fewerWords],
    facts: aboutCall,
  },
  CallFlowRequested: { ...callFlowDefinitions.CallFlowRequested, facts: aboutCall },
  CallFlowReplied: { ...callFlowDefinitions.CallFlowReplied, facts: aboutCall },
  CallActionStarted: { ...callFlowDefinitions.CallActionStarted, facts: aboutCall },
  CallActionEnded: { ...callFlowDefinitions.CallActionEnded, facts: aboutCall },
  CallFlowFailed: { ...callFlowDefinitions.CallFlowFailed, facts: aboutCall },
  CallRefused: {
    name: 'call.refused',
    version: 3,
    fields: {
      presentedKeyId: id('key'),
      mode,
      code: oneOf(callRefusalCodes),
      to: nullable(sealedText),
      ...dayOfRefusal,
      refusedAtMs: moment,
    },
    upcasters: [fewerWords, withoutDay],
    facts: aboutPresentedKey,
  },
  CallRefusalsCounted: {
    name: 'call.refusals_counted',
    version: 3,
    fields: {
      presentedKeyId: id('key'),
      mode,
      code: oneOf(callRefusalCodes),
      secondStartMs: moment,
      count,
      ...dayOfRefusal,
      countedAtMs: moment,
    },
    upcasters: [fewerWords, withoutDay],
    facts: aboutPresentedKey,
  },
  CallMuteRequested: {
    name: 'call.mute_requested',
    version: 1,
    fields: { ...ofCall, muted: flag, requestedAtMs: moment },
    facts: aboutCall,
  },
  CallDigitsRequested: {
    name: 'call.digits_requested',
    version: 1,
    fields: { ...ofCall, operationId: id('op'), digitCount: count, toneMs: duration, requestedAtMs: moment },
    facts: aboutCall,
  },
  CallPlaybackRequested: {
    name: 'call.playback_requested',
    version: 1,
    fields: {
      ...ofCall,
      attemptId: id('evt'),
      operationId: id('op'),
      mediaUrl: sealedText,
      timesPlayed: count,
      onDigit: oneOf(onDigitValues),
      requestedAtMs: moment,
    },
    facts: aboutCall,
  },
  CallPlaybackEnded: {
    name: 'call.playback_ended',
    version: 1,
    fields: { ...ofCall, operationId: id('op'), ...playbackEnd, endedAtMs: moment },
    facts: aboutCall,
  },
  CallReceived: {
    name: 'call.received',
    version: 1,
    fields: {
      ...ofCall,
      attemptId: id('evt'),
      accountId: id('acc'),
      mode,
      project: text('label'),
      application: text('label'),
      numberId: id('vn'),
      voiceAppId: id('va'),
      flowUrl: sealedText,
      from: sealedText,
      to: sealedText,
      ringTimeoutMs: duration,
      rate: rateQuote,
      authorisedForMs: duration,
      reservedMicros: microsAmount,
      ...recordedDay,
      receivedAtMs: moment,
    },
    // As of a call that is placed.
    facts: (event, { after }) => ({
      ...aboutCallIn(after, event.callId),
      mode: event.mode,
      eventId: event.attemptId,
    }),
  },
  InboundCallSimulated: {
    name: 'call.inbound_simulated',
    version: 1,
    fields: {
      callId: id('cs'),
      attemptId: id('evt'),
      accountId: id('acc'),
      keyId: id('key'),
      mode,
      numberId: id('vn'),
      from: sealedText,
      to: sealedText,
      givesUpAfterMs: duration,
      hangsUpAfterMs: duration,
      simulatedAtMs: moment,
    },
    // About the number: the call exists once it is received.
    facts: ({ numberId, mode: ofNumber }) => about(numberId, ofNumber),
  },
};

/** Facts of a call, from the state before the event: a call that ends is missing in the state after it. */
function aboutCall({ callId }: { readonly callId: CallId }, { before }: StateAround): EventFacts {
  return aboutCallIn(before, callId);
}

function aboutCallIn(state: FactState, callId: CallId): EventFacts {
  const call = state?.calls.get(callId);
  return {
    subject: callId,
    mode: call?.mode ?? 'live',
    onBehalfOf: call?.authority ?? null,
    presentedKeyId: null,
    eventId: null,
  };
}

function aboutPresentedKey({ presentedKeyId, mode: ofKey }: CallRefused | CallRefusalsCounted): EventFacts {
  return { ...about(presentedKeyId, ofKey), presentedKeyId };
}
