import type { CallEvent } from '@ringfence/domain/calls/call.events';
import type { AttemptId } from '@ringfence/domain/shared/values';
import type { OperationId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import { nine, sealedExample } from './examples.js';

type MutationType = 'CallMuteRequested' | 'CallDigitsRequested' | 'CallPlaybackRequested' | 'CallPlaybackEnded';
type MutationEvent = Extract<CallEvent, { type: MutationType }>;

/** An example of each event of a mutation of a live call. */
export function mutationEventExamples(
  ofCall: Pick<MutationEvent, 'callId' | 'legId' | 'keyId'>,
  attemptId: AttemptId,
  [digitsId, playbackId]: readonly [digits: OperationId, playback: OperationId],
): { readonly [Each in MutationEvent as Each['type']]: Each } {
  return {
    CallMuteRequested: { type: 'CallMuteRequested', ...ofCall, muted: true, requestedAtMs: nine },
    CallDigitsRequested: {
      type: 'CallDigitsRequested',
      ...ofCall,
      operationId: digitsId,
      digitCount: 4,
      toneMs: durationMs(100),
      requestedAtMs: nine,
    },
    CallPlaybackRequested: {
      type: 'CallPlaybackRequested',
      ...ofCall,
      attemptId,
      operationId: playbackId,
      mediaUrl: sealedExample('https://app.example/notice.mp3'),
      timesPlayed: 2,
      onDigit: 'stop',
      requestedAtMs: nine,
    },
    CallPlaybackEnded: {
      type: 'CallPlaybackEnded',
      ...ofCall,
      operationId: playbackId,
      outcome: 'completed',
      audioMs: durationMs(10_000),
      endedAtMs: nine,
    },
  };
}
