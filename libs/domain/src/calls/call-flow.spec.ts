import { describe, expect, it } from '@jest/globals';
import { parseWebhookSecretId, type VoiceAppId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import { exampleEvents } from '@ringfence/testing/example-events';
import {
  exampleAccountId,
  exampleAppCreated,
  exampleCalendar,
  exampleHistory,
  examplePlaceCall,
  exampleProgress,
  exampleSecretCreated,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { exampleFlowReply } from '@ringfence/testing/flow-examples';
import { flowActionsMax, flowProgramCharactersMax } from '../flows/flow-action.js';
import { faultOf } from '../flows/flow-fault.js';
import { replyMsMax } from '../flows/flow-machine.js';
import { asSecret, type Mode, type Principal } from '../shared/values.js';
import type { AccountState } from '../streams/account/account-state.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { RecordActionEnd } from './call.commands.js';

const placed = examplePlaceCall(nine);
const at = (ms: number) => addDuration(nine, durationMs(ms));
const answered = exampleProgress(placed, { kind: 'answered' }, at(1_000));
const worker: Principal = { kind: 'worker', workerId: 'wrk_example' };
const play = (next: string | null) =>
  ({
    kind: 'program',
    action: {
      kind: 'play',
      mediaUrl: sealedExample('https://app.example/hello.mp3'),
      timesPlayed: 1,
      next: next === null ? null : { url: sealedExample(next), method: 'POST' as const },
    },
    rest: [],
  }) as const;
const actionEnd = (step: number, outcome: RecordActionEnd['outcome'], nowMs = at(9_000)): RecordActionEnd => ({
  type: 'RecordActionEnd',
  accountId: exampleAccountId,
  callId: placed.callId,
  step,
  outcome,
  audioMs: durationMs(5_000),
  nowMs,
  principal: worker,
});

/** An account with one call; it notes events, and codes of refusals. */
class OneCall {
  state = exampleHistory().reduce<AccountState>(accountModel.evolve, accountModel.initialState);
  readonly story: string[] = [];
  readonly events: AccountStreamEvent[] = [];

  constructor(...commands: readonly AccountStreamCommand[]) {
    this.submit(placed, ...commands);
  }

  submit(...commands: readonly AccountStreamCommand[]): this {
    for (const command of commands) {
      const decision = accountModel.decide(command, this.state);
      const events = decision.accepted ? decision.events : decision.trace;
      if (!decision.accepted) this.story.push(decision.refusal.code);
      this.story.push(...events.map(({ type }) => type));
      this.events.push(...events);
      this.state = events.reduce(accountModel.evolve, this.state);
    }
    return this;
  }

  timeIs(nowMs: typeof nine): this {
    return this.submit({ type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, nowMs });
  }
}

describe('the flow of a call', () => {
  it('begins with the answer: the request has all that the reactor needs', () => {
    const call = new OneCall(answered);
    expect(call.story).toEqual(['CallPlaced', 'CallAnswered', 'CallFlowRequested']);
    expect(call.events.at(-1)).toMatchObject({
      accountId: exampleAccountId,
      mode: 'test',
      step: 1,
      url: placed.flowUrl,
      role: 'flow',
      cause: 'answered',
      from: placed.from.sealed,
      to: placed.to.sealed,
    });
  });

  it('begins once, and not for a call that is being hung up', () => {
    expect(new OneCall(answered, answered).story.at(-1)).toBe('progress_already_recorded');
    const hangUp: AccountStreamCommand = {
      type: 'HangUpCall',
      accountId: exampleAccountId,
      callId: placed.callId,
      legId: null,
      nowMs: nine,
      principal: placed.principal,
    };
    expect(new OneCall(hangUp, answered).story).toEqual(['CallPlaced', 'CallHangUpRequested', 'CallAnswered']);
  });

  it('goes on from file to file, and hangs up when nothing is next', () => {
    const call = new OneCall(
      answered,
      exampleFlowReply(placed, at(2_000), play('https://app.example/next')),
      actionEnd(1, 'completed'),
      exampleFlowReply(placed, at(9_500), play(null), 2),
      actionEnd(2, 'completed'),
    );
    expect(call.story.slice(2)).toEqual([
      'CallFlowRequested',
      'CallFlowReplied',
      'CallActionEnded',
      'CallFlowRequested',
      'CallFlowReplied',
      'CallActionEnded',
      'CallHangUpRequested',
    ]);
    expect(call.events.at(-1)).toMatchObject({ reason: 'flow_hangup' });
  });

  it('ends as flow_hangup or flow_failed, whatever the worker calls it', () => {
    const ended = exampleProgress(
      placed,
      { kind: 'ended', cause: 'cancelled', endedBy: 'platform', talkTimeMs: durationMs(4_000) },
      at(9_900),
    );
    const hangup = { kind: 'program', action: { kind: 'hangup' }, rest: [] } as const;
    expect(new OneCall(answered, exampleFlowReply(placed, nine, hangup), ended).events.at(-1)).toMatchObject({
      type: 'CallCompleted',
      cause: 'flow_hangup',
    });
    const failed = { kind: 'failed', fault: faultOf('reply_not_json') } as const;
    const call = new OneCall(answered, exampleFlowReply(placed, nine, failed), ended);
    expect(call.story.slice(3)).toEqual(['CallFlowFailed', 'CallHangUpRequested', 'CallCompleted']);
    expect(call.events.at(-1)).toMatchObject({ cause: 'flow_failed' });
  });

  it('records a reply and an end once, and none of another step or of a call that is over', () => {
    const reply = exampleFlowReply(placed, at(2_000), play(null));
    const call = new OneCall(answered, reply, reply, actionEnd(2, 'completed'), actionEnd(1, 'failed'));
    expect(call.story.slice(3)).toEqual([
      'CallFlowReplied',
      'progress_already_recorded',
      'progress_already_recorded',
      'CallActionEnded',
      'CallFlowFailed',
      'CallHangUpRequested',
    ]);
    const over = exampleProgress(
      placed,
      { kind: 'ended', cause: 'callee_hangup', endedBy: 'callee', talkTimeMs: durationMs(1_000) },
      at(10_000),
    );
    call.submit(over, actionEnd(1, 'completed'), reply);
    expect(call.story.slice(-3)).toEqual(['CallCompleted', 'progress_already_recorded', 'progress_already_recorded']);
  });

  it.each([
    { command: exampleFlowReply(placed, nine), because: 'a reply' },
    { command: actionEnd(1, 'completed'), because: 'the end of an action' },
  ])('takes $because from workers alone', ({ command }) => {
    const call = new OneCall(answered, { ...command, principal: placed.principal });
    expect(call.story.at(-1)).toBe('presenter_not_allowed');
  });

  it('requests the fallback URL of the call’s app once, as it is at that moment', () => {
    const call = new OneCall(answered);
    const fallback = sealedExample('https://app.example/fallback');
    const app = exampleAppCreated({ fallbackUrl: fallback });
    const live = call.state.calls.get(placed.callId);
    if (live === undefined) throw new Error('the call is live');
    call.state = accountModel.evolve(call.state, app);
    call.state = { ...call.state, calls: call.state.calls.set(live.callId, { ...live, voiceAppId: app.appId }) };
    const failed = { kind: 'failed', fault: faultOf('connection_failed') } as const;
    call.submit(exampleFlowReply(placed, at(2_000), failed));
    expect(call.events.at(-1)).toMatchObject({ url: fallback, role: 'fallback', step: 2, appId: app.appId });
    call.submit(exampleFlowReply(placed, at(3_000), failed, 2));
    expect(call.story.slice(-2)).toEqual(['CallFlowFailed', 'CallHangUpRequested']);
  });

  describe('signs its requests', () => {
    const older = parseWebhookSecretId('sec_01K00000000000000000000001');
    const newer = parseWebhookSecretId('sec_01K00000000000000000000002');
    if (older === undefined || newer === undefined) throw new Error('no ids');
    const secretOf = (secretId: typeof older, text: string, mode: Mode = 'test') => ({
      ...{ ...exampleSecretCreated(secretId), mode },
      value: asSecret(sealedExample(text)),
    });
    const signed = (history: readonly AccountStreamEvent[], appId: VoiceAppId | null = null) => {
      const call = new OneCall();
      call.state = history.reduce<AccountState>(accountModel.evolve, call.state);
      const live = call.state.calls.get(placed.callId);
      if (live === undefined) throw new Error('the call is live');
      call.state = { ...call.state, calls: call.state.calls.set(live.callId, { ...live, voiceAppId: appId }) };
      const requested = call.submit(answered).events.at(-1);
      return requested?.type === 'CallFlowRequested' ? requested.signedWith : undefined;
    };
    const [first, second] = [secretOf(older, 'first'), secretOf(newer, 'second')];

    it('with the secret of the call’s app', () => {
      const app = exampleAppCreated({ secretId: newer });
      expect(signed([first, second, app], app.appId)).toEqual([second.value]);
    });

    it('with the oldest secret of the mode, if the call has no app or its app none', () => {
      const app = exampleAppCreated({ secretId: null });
      expect(signed([second, first])).toEqual([first.value]);
      expect(signed([second, first, app], app.appId)).toEqual([first.value]);
      expect(signed([secretOf(older, 'first', 'live'), second])).toEqual([second.value]);
    });

    it('with nothing, if there is no secret of the mode', () => {
      expect(signed([secretOf(older, 'first', 'live')])).toEqual([]);
    });

    it('with the previous value too, until the overlap of a rotation ends', () => {
      const { rotatedAtMs: _, ...rotated } = exampleEvents.WebhookSecretRotated;
      const value = asSecret(sealedExample('rotated'));
      const rotation = (overlapUntilMs: EpochMs) =>
        ({
          ...rotated,
          secretId: older,
          value,
          previousValue: first.value,
          rotatedAtMs: nine,
          overlapUntilMs,
        }) as const;
      expect(signed([first, rotation(at(1_001))])).toEqual([value, first.value]);
      expect(signed([first, rotation(at(1_000))])).toEqual([value]);
    });
  });

  it('does not dial in this release: the reply fails at its action', () => {
    const dial = {
      kind: 'dial',
      to: sealedExample('+15005550000'),
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
    } as const;
    const call = new OneCall(answered, exampleFlowReply(placed, nine, { kind: 'program', action: dial, rest: [] }));
    expect(call.events.at(-2)).toMatchObject({ fault: { code: 'action_not_available', pointer: '/action' } });
  });

  it('goes on where it was in a sequence, after a snapshot as before it', () => {
    const say = { kind: 'say', text: sealedExample('Hello'), voice: null, language: null, timesSpoken: 1 } as const;
    const pause = { kind: 'pause', lengthMs: durationMs(1_000) } as const;
    const call = new OneCall(
      answered,
      exampleFlowReply(placed, at(2_000), { kind: 'program', action: say, rest: [pause, say] }),
      actionEnd(1, 'completed'),
    );
    expect(call.events.at(-1)).toMatchObject({ type: 'CallActionStarted', step: 2, action: pause, actionsLeft: 1 });
    call.state = accountModel.restore(accountModel.snapshot(call.state));
    call.submit(actionEnd(1, 'completed'), actionEnd(2, 'completed'), actionEnd(3, 'completed'));
    expect(call.story.slice(6)).toEqual([
      'progress_already_recorded',
      'CallActionEnded',
      'CallActionStarted',
      'CallActionEnded',
      'CallHangUpRequested',
    ]);
  });

  it('hangs up in the midst of a sequence: nothing of it follows', () => {
    const pause = { kind: 'pause', lengthMs: durationMs(1_000) } as const;
    const call = new OneCall(
      answered,
      exampleFlowReply(placed, at(2_000), { kind: 'program', action: pause, rest: [pause] }),
    );
    const { accountId, callId } = placed;
    const { principal } = placed;
    call.submit({ type: 'HangUpCall', accountId, callId, legId: null, nowMs: at(3_000), principal });
    call.submit(actionEnd(1, 'completed'));
    expect(call.story.slice(-2)).toEqual(['CallHangUpRequested', 'progress_already_recorded']);
  });

  it.each([
    { because: 'it has too many actions', rest: flowActionsMax, characters: 0 },
    { because: 'an event could not hold it', rest: 0, characters: flowProgramCharactersMax },
  ])('fails a reply of a sequence: $because', ({ rest, characters }) => {
    const pause = { kind: 'pause', lengthMs: durationMs(1_000) } as const;
    const text = { ...sealedExample('a'), ciphertext: 'A'.repeat(characters) };
    const say = { kind: 'say', text, voice: null, language: null, timesSpoken: 1 } as const;
    const reply = { kind: 'program', action: say, rest: Array.from({ length: rest }, () => pause) } as const;
    const call = new OneCall(answered, exampleFlowReply(placed, nine, reply));
    expect(call.events.at(-2)).toMatchObject({ fault: { code: 'program_too_large' } });
  });

  it('ends the call when no reply is recorded in time, and not before', () => {
    const call = new OneCall(answered);
    const dueMs = addDuration(answered.nowMs, replyMsMax);
    expect(accountModel.nextDueMs(call.state)).toBe(dueMs);
    call.timeIs(addDuration(answered.nowMs, durationMs(replyMsMax - 1)));
    expect(call.story.at(-1)).toBe('nothing_due');
    call.timeIs(dueMs);
    expect(call.story.slice(-2)).toEqual(['CallFlowFailed', 'CallHangUpRequested']);
    expect(call.events.at(-2)).toMatchObject({ fault: { code: 'reply_overdue' } });
  });

  it('waits for nothing but its money once the reply is recorded', () => {
    const call = new OneCall(answered, exampleFlowReply(placed, at(2_000)));
    expect(accountModel.nextDueMs(call.state)).toBe(addDuration(answered.nowMs, durationMs(150_000)));
  });

  it('is the same after a snapshot', () => {
    const { state } = new OneCall(answered, exampleFlowReply(placed, at(2_000), play('https://app.example/next')));
    const restored = accountModel.restore(accountModel.snapshot(state));
    expect(accountModel.decide(actionEnd(1, 'completed'), restored)).toEqual(
      accountModel.decide(actionEnd(1, 'completed'), state),
    );
  });
});
