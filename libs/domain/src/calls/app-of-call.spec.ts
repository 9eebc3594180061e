import { describe, expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import {
  exampleAppCreated,
  exampleAppId,
  exampleHistory,
  examplePlaceCall,
  exampleUnbounded,
  nine,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { exampleTrunkCreated, exampleTrunkId } from '@ringfence/testing/trunk-examples';
import type { CallId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, zeroMicros } from '@ringfence/kernel/units';
import fc from 'fast-check';
import type { AccountState } from '../streams/account/account-state.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from '../streams/account/account-stream.js';
import type { PlaceCall } from './call.commands.js';
import type { CallFailed } from './call.events.js';

const history = exampleHistory({ ...exampleUnbounded, scopes: ['calls:write', 'apps:write', 'numbers:write'] });
const ids = new PredictableIds(6_500);
const number = { ...exampleEvents.NumberReceived, ownNumber: examplePlaceCall(nine).from.sealed };
const { numberId } = number;
const app = { ...exampleAppCreated(), numberIds: [numberId] };
const limited = (channelLimit: number) => ({ ...exampleAppCreated({ channelLimit }), numberIds: [numberId] });

const placeAt = (seconds: number, more: Partial<PlaceCall> = {}) =>
  examplePlaceCall(addDuration(nine, durationMs(seconds * 1_000)), more, ids);
const stateAfter = (...events: readonly AccountStreamEvent[]) =>
  [...history, ...events].reduce<AccountState>(accountModel.evolve, accountModel.initialState);
const failed = (callId: CallId): CallFailed => ({
  ...exampleEvents.CallFailed,
  ...{ callId, releasedMicros: zeroMicros },
});

/** @returns the app of the call, or the refusal */
function decided(command: PlaceCall, ...events: readonly AccountStreamEvent[]): unknown {
  const decision = accountModel.decide(command, stateAfter(...events));
  if (!decision.accepted) return decision.refusal;
  const [event] = decision.events;
  return event.type === 'CallPlaced' ? event.voiceAppId : event;
}

describe('the app of a call', () => {
  it('is that of the number that it is placed from', () => {
    expect(decided(placeAt(0), number, app)).toBe(exampleAppId);
  });

  it.each<[string, readonly AccountStreamEvent[]]>([
    ['a number that the account does not have', [{ ...app, numberIds: [] }]],
    ['a number that is assigned to nothing', [number, { ...app, numberIds: [] }]],
    [
      'a number that is assigned to a trunk',
      [
        number,
        app,
        exampleTrunkCreated(),
        {
          ...exampleEvents.NumbersAssigned,
          numberIds: [numberId],
          target: { kind: 'sip_trunk', trunkId: exampleTrunkId },
        },
      ],
    ],
    [
      'a number and an app of the other mode',
      [
        { ...number, mode: 'live' },
        { ...app, mode: 'live' },
      ],
    ],
    ['a number that was unassigned', [number, app, { ...exampleEvents.NumbersUnassigned, numberIds: [numberId] }]],
    ['a number that was withdrawn', [number, app, { ...exampleEvents.NumberWithdrawn, numberId }]],
  ])('is none for %s', (_, events) => {
    expect(decided(placeAt(0), ...events)).toBeNull();
  });

  it('takes no calls while it is inactive', () => {
    const inactive = { ...app, settings: { ...app.settings, status: 'inactive' as const } };
    expect(decided(placeAt(0), number, inactive)).toMatchObject({ code: 'voice_app_inactive' });
    const of = { appId: exampleAppId, mode: 'test', changedAtMs: nine } as const;
    const active: AccountStreamEvent = { type: 'VoiceAppChanged', ...of, settings: app.settings };
    expect(decided(placeAt(0), number, inactive, active)).toBe(exampleAppId);
  });

  it('has as many calls as it may, until one of them ends', () => {
    const first = placeAt(0);
    const decision = accountModel.decide(first, stateAfter(number, limited(1)));
    if (!decision.accepted) throw new Error(decision.refusal.code);
    const before = [number, limited(1), ...decision.events];
    expect(decided(placeAt(1), ...before)).toMatchObject({
      code: 'app_channels_exhausted',
      retryAfterMs: 1_000,
      limit: { name: 'app_channels', max: '1', used: '1' },
    });
    // Calls from other numbers do not run under the app.
    const others = { ...number, ownNumber: exampleEvents.NumberRenamed.name };
    expect(decided(placeAt(1), others, limited(1), ...decision.events)).toBeNull();
    expect(decided(placeAt(1), ...before, failed(first.callId))).toBe(exampleAppId);
  });
});

describe('the calls of an app', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: 'place' } as const) },
    fc.nat({ max: 9 }).map((at) => ({ kind: 'end', at }) as const),
    fc.integer({ min: 1, max: 4 }).map((max) => ({ kind: 'limit', max }) as const),
    fc.boolean().map((isAssigned) => ({ kind: 'assign', isAssigned }) as const),
  );
  const by = { accountId: number.accountId, principal: placeAt(0).principal } as const;

  it('are never more than its limit when one is placed, and are counted as exactly those that are live', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state = stateAfter(number, limited(2));
        const evolve = (events: readonly AccountStreamEvent[]) => {
          for (const event of events) state = accountModel.evolve(state, event);
        };
        const carryOut = (command: AccountStreamCommand) => {
          const decision = accountModel.decide(command, state);
          if (decision.accepted) evolve(decision.events);
          return decision;
        };
        const liveOf = () => state.calls.filter(({ voiceAppId }) => voiceAppId === exampleAppId).size;
        steps.forEach((each, at) => {
          const nowMs = addDuration(nine, durationMs(at * 1_000));
          const max = state.voiceApps.get(exampleAppId)?.settings.channelLimit ?? 0;
          const before = liveOf();
          switch (each.kind) {
            case 'place': {
              const decision = carryOut(placeAt(at));
              if (decision.accepted) {
                expect(liveOf() === before || before < max).toBe(true);
              } else {
                expect(decision.refusal.code).toBe('app_channels_exhausted');
                expect(before).toBeGreaterThanOrEqual(max);
              }
              break;
            }
            case 'end': {
              const call = [...state.calls.values()].at(each.at);
              if (call !== undefined) evolve([failed(call.callId)]);
              break;
            }
            case 'limit':
              carryOut({
                type: 'ChangeVoiceApp',
                ...by,
                nowMs,
                appId: exampleAppId,
                change: { channelLimit: each.max },
              });
              break;
            case 'assign': {
              const selection = { kind: 'listed', numberIds: [numberId] } as const;
              const target = { kind: 'voice_app', appId: exampleAppId } as const;
              carryOut(
                each.isAssigned
                  ? { type: 'AssignNumbers', ...by, nowMs, selection, target }
                  : { type: 'UnassignNumbers', ...by, nowMs, selection },
              );
              break;
            }
          }
          expect(state.appCalls.get(exampleAppId) ?? 0).toBe(liveOf());
        });
        const restored = accountModel.restore([...accountModel.snapshot(state)]);
        expect(restored.appCalls.toJS()).toEqual(state.appCalls.toJS());
      }),
    );
  });
});
