import type { FlowReply, PlaceCall, RecordFlowReply } from '@ringfence/domain/calls/call.commands';
import type { CallFlowEvent } from '@ringfence/domain/calls/call-flow.events';
import type { FlowAction } from '@ringfence/domain/flows/flow-action';
import { asSecret, type AttemptId, type SealedText } from '@ringfence/domain/shared/values';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import { exampleAccountId, nine, sealedExample } from './examples.js';

const second = (count: number) => addDuration(nine, durationMs(1_000 * count));
type OfCall = Pick<CallFlowEvent, 'callId' | 'legId' | 'keyId'>;

/** An example of each event of a call's flow. */
export function flowEventExamples(
  ofCall: OfCall,
  attemptId: AttemptId,
): { readonly [Each in CallFlowEvent as Each['type']]: Each } {
  return {
    CallFlowRequested: {
      type: 'CallFlowRequested',
      ...ofCall,
      step: 1,
      accountId: exampleAccountId,
      mode: 'test',
      direction: 'outbound',
      url: sealedExample('https://app.example/flow'),
      method: 'POST',
      role: 'flow',
      cause: 'answered',
      from: sealedExample('+14155550100'),
      to: sealedExample('+15005550000'),
      appId: null,
      signedWith: [asSecret(sealedExample('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'))],
      requestedAtMs: second(4),
    },
    CallFlowReplied: {
      type: 'CallFlowReplied',
      ...ofCall,
      attemptId,
      step: 1,
      action: {
        kind: 'play',
        mediaUrl: sealedExample('https://app.example/greeting.mp3'),
        timesPlayed: 1,
        next: { url: sealedExample('https://app.example/flow'), method: 'POST' },
      },
      rest: [{ kind: 'pause', lengthMs: durationMs(1_000) }],
      repliedAtMs: second(5),
    },
    CallActionStarted: {
      type: 'CallActionStarted',
      ...ofCall,
      attemptId,
      step: 2,
      action: {
        kind: 'play',
        mediaUrl: sealedExample('https://app.example/greeting.mp3'),
        timesPlayed: 2,
        next: null,
      },
      actionsLeft: 0,
      startedAtMs: second(6),
    },
    CallActionEnded: {
      type: 'CallActionEnded',
      ...ofCall,
      step: 1,
      outcome: 'completed',
      audioMs: durationMs(5_000),
      endedAtMs: second(10),
    },
    CallFlowFailed: {
      type: 'CallFlowFailed',
      ...ofCall,
      step: 1,
      fault: { code: 'member_invalid', action: 'stream', pointer: '/ws_url', httpStatus: null },
      failedAtMs: second(6),
    },
  };
}

/** A worker's report of the reply to a request; by default the call is streamed. */
export function exampleFlowReply(
  placed: Pick<PlaceCall, 'callId'>,
  nowMs: EpochMs,
  reply: FlowReply = { kind: 'program', action: exampleStream, rest: [] },
  step = 1,
): RecordFlowReply {
  return {
    type: 'RecordFlowReply',
    accountId: exampleAccountId,
    callId: placed.callId,
    step,
    reply,
    nowMs,
    principal: { kind: 'worker', workerId: 'flows:example' },
  };
}
const exampleStream: FlowAction<SealedText> = {
  kind: 'stream',
  wsUrl: sealedExample('wss://app.example/media'),
  sampleRate: '8k',
  chunkMs: durationMs(400),
  record: false,
  protocol: 'teler',
  name: null,
  parameters: [],
  next: null,
};
