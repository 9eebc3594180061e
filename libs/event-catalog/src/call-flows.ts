import { callDirections } from '@ringfence/domain/calls/call-direction';
import type { CallFlowEvent } from '@ringfence/domain/calls/call-flow.events';
import {
  actionOutcomes,
  dialRecordings,
  type DialAction,
  finishKeys,
  type FlowAction,
  flowMethods,
  type FlowRequest,
  type GatherAction,
  type NestedAction,
  type PauseAction,
  type PlayAction,
  type Prompt,
  rejectReasons,
  ringbacks,
  sampleRates,
  type SayAction,
  type StreamAction,
  streamProtocols,
} from '@ringfence/domain/flows/flow-action';
import { actionKinds, type FlowFault, flowFaultCodes } from '@ringfence/domain/flows/flow-fault';
import { flowRoles, requestCauses } from '@ringfence/domain/flows/flow-machine';
import { modes, type SealedText } from '@ringfence/domain/shared/values';
import {
  type Codec,
  count,
  duration,
  type FieldsOf,
  flag,
  id,
  listOf,
  moment,
  nullable,
  objectOf,
  oneOf,
  sealedSecret,
  sealedText,
  text,
  variantsOf,
} from './shape.js';

const request = objectOf<FlowRequest<SealedText>>({ url: sealedText, method: oneOf(flowMethods) });
const file = { kind: oneOf(['play']), mediaUrl: sealedText, timesPlayed: nullable(count) };
const play = objectOf<PlayAction<SealedText>>({ ...file, next: nullable(request) });
const say = objectOf<SayAction<SealedText>>({
  kind: oneOf(['say']),
  text: sealedText,
  voice: nullable(sealedText),
  language: nullable(sealedText),
  timesSpoken: nullable(count),
});
const pause = objectOf<PauseAction>({ kind: oneOf(['pause']), lengthMs: duration });
type NamedText = { readonly name: SealedText; readonly value: SealedText };
const namedTexts = listOf(objectOf<NamedText>({ name: sealedText, value: sealedText }));
const hangup = objectOf<{ readonly kind: 'hangup' }>({ kind: oneOf(['hangup']) });
const nestedAction = variantsOf<NestedAction<SealedText>>({ play, hangup });

type ActionOf<Kind> = Extract<FlowAction<SealedText>, { readonly kind: Kind }>;

/** An action of a reply, with its texts sealed. */
export const flowAction: Codec<FlowAction<SealedText>> = variantsOf<FlowAction<SealedText>>({
  stream: objectOf<StreamAction<SealedText>>({
    kind: oneOf(['stream']),
    wsUrl: sealedText,
    sampleRate: oneOf(sampleRates),
    chunkMs: duration,
    record: flag,
    protocol: oneOf(streamProtocols),
    name: nullable(sealedText),
    parameters: namedTexts,
    next: nullable(request),
  }),
  play,
  say,
  pause,
  gather: objectOf<GatherAction<SealedText>>({
    kind: oneOf(['gather']),
    prompts: listOf(
      variantsOf<Prompt<SealedText>>({ play: objectOf<Omit<PlayAction<SealedText>, 'next'>>(file), say, pause }),
    ),
    timeoutMs: duration,
    digitsMax: nullable(count),
    finishOnKey: nullable(oneOf(finishKeys)),
    bargeIn: flag,
    next: request,
    requestsWithoutInput: flag,
  }),
  dial: objectOf<DialAction<SealedText>>({
    kind: oneOf(['dial']),
    to: sealedText,
    ringTimeoutMs: duration,
    record: oneOf(dialRecordings),
    customHeaders: namedTexts,
    statusCallbackUrl: nullable(sealedText),
    ringback: oneOf(ringbacks),
    dialMusic: nullable(nestedAction),
    confirmSound: nullable(nestedAction),
    onNoAnswer: nullable(nestedAction),
    onBusy: nullable(nestedAction),
    onFailure: nullable(nestedAction),
  }),
  redirect: objectOf<ActionOf<'redirect'>>({ kind: oneOf(['redirect']), to: request }),
  reject: objectOf<ActionOf<'reject'>>({ kind: oneOf(['reject']), reason: oneOf(rejectReasons) }),
  hangup,
});

export const flowFault: Codec<FlowFault> = objectOf<FlowFault>({
  code: oneOf(flowFaultCodes),
  action: nullable(oneOf(actionKinds)),
  pointer: nullable(text('replyPointer')),
  httpStatus: nullable(count),
});

/** The end of an action. */
export const actionEnd = { outcome: oneOf(actionOutcomes), audioMs: duration };

type Definitions = {
  readonly [Each in CallFlowEvent as Each['type']]: {
    readonly name: string;
    readonly version: number;
    readonly fields: FieldsOf<Each>;
  };
};
const ofStep = { callId: id('cs'), legId: id('cl'), keyId: id('key'), step: count };

/** The events of a call's flow; the catalogue of calls adds their facts. */
export const callFlowDefinitions: Definitions = {
  CallFlowRequested: {
    name: 'call.flow_requested',
    version: 1,
    fields: {
      ...ofStep,
      accountId: id('acc'),
      mode: oneOf(modes),
      direction: oneOf(callDirections),
      url: sealedText,
      method: oneOf(flowMethods),
      role: oneOf(flowRoles),
      cause: oneOf(requestCauses),
      from: sealedText,
      to: sealedText,
      appId: nullable(id('va')),
      signedWith: listOf(sealedSecret),
      requestedAtMs: moment,
    },
  },
  CallFlowReplied: {
    name: 'call.flow_replied',
    version: 1,
    fields: { ...ofStep, attemptId: id('evt'), action: flowAction, rest: listOf(flowAction), repliedAtMs: moment },
  },
  CallActionStarted: {
    name: 'call.action_started',
    version: 1,
    fields: { ...ofStep, attemptId: id('evt'), action: flowAction, actionsLeft: count, startedAtMs: moment },
  },
  CallActionEnded: {
    name: 'call.action_ended',
    version: 1,
    fields: { ...ofStep, ...actionEnd, endedAtMs: moment },
  },
  CallFlowFailed: {
    name: 'call.flow_failed',
    version: 1,
    fields: { ...ofStep, fault: flowFault, failedAtMs: moment },
  },
};
