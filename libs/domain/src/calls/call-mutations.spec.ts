import { describe, it } from '@jest/globals';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { exampleEvents } from '@ringfence/testing/example-events';
import { exampleHistory, exampleKeyId, nine, sealedExample } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import type { Principal } from '../shared/values.js';
import { accountModel } from '../streams/account/account-stream.js';

const ids = new PredictableIds(700);
const given = scenariosFor(accountModel);
const { CallPlaced: placed, CallAnswered: answered, CallCompleted: completed } = exampleEvents;
const { CallPlaybackRequested: played, CallPlaybackEnded: playbackEnded, CallHangUpRequested: hangUp } = exampleEvents;
const { accountId, callId, legId, keyId } = placed;
const key: Principal = { kind: 'key', keyId: exampleKeyId, home: 'account' };
const worker: Principal = { kind: 'worker', workerId: 'wrk_example' };
const later = addDuration(nine, durationMs(60_000));
const of = { accountId, callId, nowMs: later, principal: key } as const;
const mute = { type: 'MuteLeg', ...of, legId, muted: true } as const;
const [operationId, next] = [played.operationId, ids.operationId()];
const digits = { type: 'SendDigits', ...of, legId: null, operationId, digitCount: 4, toneMs: durationMs(90) } as const;
const mediaUrl = sealedExample('https://app.example/next.mp3');
const play = {
  type: 'PlayMedia',
  ...of,
  legId: null,
  operationId: next,
  mediaUrl,
  timesPlayed: 3,
  onDigit: 'continue',
} as const;
const live = [...exampleHistory(), placed, answered];
const ofLeg = { callId, legId, keyId };

describe('a mutation of an answered call', () => {
  it('is an order for its leg', () => {
    given(...live)
      .when(mute)
      .then({ type: 'CallMuteRequested', ...ofLeg, muted: true, requestedAtMs: later });
    given(...live)
      .when({ ...mute, muted: false })
      .then({ type: 'CallMuteRequested', ...ofLeg, muted: false, requestedAtMs: later });
  });

  it('is for the first leg if it names none', () => {
    const sent = { operationId, digitCount: 4, toneMs: durationMs(90), requestedAtMs: later };
    given(...live)
      .when(digits)
      .then({ type: 'CallDigitsRequested', ...ofLeg, ...sent });
  });

  it('begins a playback, and ends the one before', () => {
    const { attemptId } = placed;
    const begun = { operationId: next, mediaUrl, timesPlayed: 3, onDigit: 'continue', requestedAtMs: later } as const;
    const requested = { type: 'CallPlaybackRequested', ...ofLeg, attemptId, ...begun } as const;
    const stopped = { operationId, outcome: 'stopped', audioMs: durationMs(0), endedAtMs: later } as const;
    given(...live)
      .when(play)
      .then(requested);
    given(...live, played)
      .when(play)
      .then({ type: 'CallPlaybackEnded', ...ofLeg, ...stopped }, requested);
    given(...live, played, playbackEnded)
      .when(play)
      .then(requested);
  });

  it('is refused for a leg that the call does not have', () => {
    for (const command of [mute, digits, play])
      given(...live)
        .when({ ...command, legId: ids.legId() })
        .thenRefused({ code: 'leg_not_found' });
  });
});

describe('a mutation of another call', () => {
  it('is refused before the answer, while it is being hung up, after its end, and if nobody placed it', () => {
    for (const command of [mute, digits, play]) {
      given(...exampleHistory(), placed)
        .when(command)
        .thenRefused({ code: 'call_not_controllable' });
      given(...live, hangUp)
        .when(command)
        .thenRefused({ code: 'call_not_live' });
      given(...live, completed)
        .when(command)
        .thenRefused({ code: 'call_not_live' });
      given(...exampleHistory())
        .when(command)
        .thenRefused({ code: 'call_unknown' });
    }
  });
});

describe('the end of a playback', () => {
  const report = { ...of, type: 'RecordPlaybackEnd', operationId, principal: worker } as const;
  const ended = { ...report, outcome: 'completed', audioMs: durationMs(10_000) } as const;

  it('is recorded once, as the worker reports it', () => {
    const recorded = { operationId, outcome: 'completed', audioMs: durationMs(10_000), endedAtMs: later } as const;
    given(...live, played)
      .when(ended)
      .then({ type: 'CallPlaybackEnded', ...ofLeg, ...recorded });
    given(...live, played, playbackEnded)
      .when(ended)
      .thenRefused({ code: 'progress_already_recorded' });
  });

  it('is refused of a playback that another one has replaced, and of a call that is over', () => {
    const replaced = { ...played, operationId: next };
    given(...live, played, replaced)
      .when(ended)
      .thenRefused({ code: 'progress_already_recorded' });
    given(...live, played, completed)
      .when(ended)
      .thenRefused({ code: 'progress_already_recorded' });
  });

  it('is nothing that a client reports', () => {
    given(...live, played)
      .when({ ...ended, principal: key })
      .thenRefused({ code: 'presenter_not_allowed' });
  });
});
