import { durationMs } from '@ringfence/kernel/units';
import type { ActionOutcome, DialAction, FlowAction, FlowProgram, FlowRequest, PlayAction } from './flow-action.js';
import { faultOf } from './flow-fault.js';
import type { FlowFact, FlowInput, FlowSources } from './flow-machine.js';

export const request = (url: string): FlowRequest<string> => ({ url, method: 'POST' });
const flow = { kind: 'request', ...request('flow') } as const;
export const withFallback: FlowSources<string> = { flow, fallback: request('fallback') };
export const withoutFallback: FlowSources<string> = { flow, fallback: null };

export const stream: FlowAction<string> = {
  kind: 'stream',
  wsUrl: 'ws',
  sampleRate: '8k',
  chunkMs: durationMs(400),
  record: false,
  protocol: 'teler',
  name: null,
  parameters: [],
  next: null,
};
export const play = (next: string | null, mediaUrl = 'media'): PlayAction<string> => ({
  kind: 'play',
  mediaUrl,
  timesPlayed: 1,
  next: next === null ? null : request(next),
});
export const say: FlowAction<string> = { kind: 'say', text: 'hello', voice: null, language: null, timesSpoken: 1 };
export const pause: FlowAction<string> = { kind: 'pause', lengthMs: durationMs(1_000) };
export const gather: FlowAction<string> = {
  kind: 'gather',
  prompts: [],
  timeoutMs: durationMs(5_000),
  digitsMax: null,
  finishOnKey: '#',
  bargeIn: true,
  next: request('digits'),
  requestsWithoutInput: false,
};
export const redirect: FlowAction<string> = { kind: 'redirect', to: request('elsewhere') };
export const reject: FlowAction<string> = { kind: 'reject', reason: 'busy' };
export const over: FlowAction<string> = { kind: 'hangup' };
export const reply = (...program: FlowProgram<string>) => ({ kind: 'replied', step: 1, program }) as const;
export const dial = (nested: Partial<DialAction<string>> = {}): DialAction<string> => ({
  kind: 'dial',
  to: '+15005550000',
  ringTimeoutMs: durationMs(30_000),
  record: 'none',
  customHeaders: [],
  statusCallbackUrl: null,
  ringback: 'passthrough',
  dialMusic: null,
  confirmSound: null,
  onNoAnswer: null,
  onBusy: null,
  onFailure: null,
  ...nested,
});
export const ended = (outcome: ActionOutcome, audioMs = 1_000, step = 1) =>
  ({ kind: 'action_ended', step, outcome, audioMs: durationMs(audioMs) }) as const;

/** The inputs of the table, each about step 1 unless it says otherwise. */
export const inputs = {
  answered: { kind: 'answered' },
  'reply stream': reply(stream),
  'reply play': reply(play(null)),
  'reply play, then next': reply(play('next')),
  'reply dial': reply(dial()),
  'reply hangup': reply(over),
  'reply say, gather, hangup': reply(say, gather, over),
  'reply pause': reply(pause),
  'reply gather': reply(gather),
  'reply redirect': reply(redirect),
  'reply reject': reply(reject),
  'reply of another step': { kind: 'replied', step: 2, program: [stream] },
  'bad reply': {
    kind: 'request_failed',
    step: 1,
    fault: faultOf('member_invalid', { action: 'stream', pointer: '/ws_url' }),
  },
  'no connection': { kind: 'request_failed', step: 1, fault: faultOf('connection_failed') },
  'failure of another step': { kind: 'request_failed', step: 2, fault: faultOf('connection_failed') },
  overdue: { kind: 'reply_overdue' },
  'ended completed': ended('completed'),
  'ended failed': ended('failed'),
  'ended stopped': ended('stopped'),
  'ended no_answer': ended('no_answer'),
  'ended busy': ended('busy'),
  'ended no_input': ended('no_input'),
  'end of another step': ended('completed', 1_000, 2),
  redirected: { kind: 'redirected', flow: { kind: 'request', ...request('other') } },
  'redirected to a program': { kind: 'redirected', flow: { kind: 'program', program: [say, over] } },
} as const satisfies Record<string, FlowInput<string>>;
export type InputName = keyof typeof inputs;
export const inputNames = Object.keys(inputs) as readonly InputName[];

export const fresh = { replies: 1, silentReplies: 1, fallbackUsed: false };
export const noNested = { onNoAnswer: null, onBusy: null, onFailure: null };
export const nestedPlays = {
  onNoAnswer: play(null, 'sorry'),
  onBusy: play(null, 'busy'),
  onFailure: play(null, 'failed'),
};
export const hangup = { kind: 'hangup' } as const;

export function inWords(fact: FlowFact<string>): string {
  switch (fact.type) {
    case 'CallFlowRequested':
      return `${String(fact.step)}? ${fact.url}`;
    case 'CallFlowReplied':
      return `${String(fact.step)}> ${[fact.action, ...fact.rest].map(({ kind }) => kind).join(' ')}`;
    case 'CallActionStarted':
      return `${String(fact.step)}+ ${fact.action.kind}${fact.action.kind === 'play' ? ` ${fact.action.mediaUrl}` : ''}`;
    case 'CallActionEnded':
      return `${String(fact.step)}. ${fact.outcome}`;
    case 'CallFlowFailed':
      return `${String(fact.step)}! ${fact.fault.code}`;
    case 'CallHangUpRequested':
      return `x ${fact.reason}`;
  }
}
