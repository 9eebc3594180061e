import type { CallFlowEvent } from '@ringfence/domain/calls/call-flow.events';
import {
  actionOutcomes,
  dialRecordings,
  type DialAction,
  type FlowAction,
  type NestedAction,
  type PlayAction,
  ringbacks,
  sampleRates,
  type StreamAction,
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

const play = objectOf<PlayAction<SealedText>>({
  kind: oneOf(['play']),
  mediaUrl: sealedText,
  timesPlayed: count,
  nextFlowUrl: nullable(sealedText),
});
const hangup = objectOf<{ readonly kind: 'hangup' }>({ kind: oneOf(['hangup']) });
const nestedAction = variantsOf<NestedAction<SealedText>>({ play, hangup });

/** The action of a reply, with its texts sealed. */
export const flowAction: Codec<FlowAction<SealedText>> = variantsOf<FlowAction<SealedText>>({
  stream: objectOf<StreamAction<SealedText>>({
    kind: oneOf(['stream']),
    wsUrl: sealedText,
    sampleRate: oneOf(sampleRates),
    chunkMs: duration,
    record: flag,
  }),
  play,
  dial: objectOf<DialAction<SealedText>>({
    kind: oneOf(['dial']),
    to: sealedText,
    ringTimeoutMs: duration,
    record: oneOf(dialRecordings),
    customHeaders: listOf(
      objectOf<{ readonly name: SealedText; readonly value: SealedText }>({ name: sealedText, value: sealedText }),
    ),
    statusCallbackUrl: nullable(sealedText),
    ringback: oneOf(ringbacks),
    dialMusic: nullable(nestedAction),
    confirmSound: nullable(nestedAction),
    onNoAnswer: nullable(nestedAction),
    onBusy: nullable(nestedAction),
    onFailure: nullable(nestedAction),
  }),
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
      url: sealedText,
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
    fields: { ...ofStep, attemptId: id('evt'), action: flowAction, repliedAtMs: moment },
  },
  CallActionStarted: {
    name: 'call.action_started',
    version: 1,
    fields: { ...ofStep, attemptId: id('evt'), action: nestedAction, startedAtMs: moment },
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
