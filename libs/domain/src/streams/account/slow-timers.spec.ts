import { describe, expect, it } from '@jest/globals';
import { addDuration, durationMs, elapsedMs, type DurationMs, type EpochMs } from '@ringfence/kernel/units';
import { exampleCalendar, exampleHistory, examplePlaceCall, exampleProgress, nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import fc from 'fast-check';
import type { SlowStamps } from '../../shared/slow-stamps.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';
import { ringGraceMs, workerLeaseMs } from '../../calls/call-timers.js';

const roomy = { callsPerSecond: 10_000, burstCalls: 10_000, linesMax: 100_000 };
const lookEveryMs = 1_000;

/** Stamps as a lane gives them: at half speed from one moment of real time to another. */
class Stamps {
  constructor(
    private readonly slowFromMs: number,
    private readonly slowForMs: number,
  ) {}

  at(elapsed: number): { readonly nowMs: EpochMs; readonly slow: SlowStamps | undefined } {
    const slowMs = Math.max(0, Math.min(elapsed - this.slowFromMs, this.slowForMs));
    const nowMs = addDuration(nine, durationMs(elapsed - Math.ceil(slowMs / 2)));
    if (elapsed < this.slowFromMs) return { nowMs, slow: undefined };
    const sinceMs = addDuration(nine, durationMs(this.slowFromMs));
    const over = elapsed >= this.slowFromMs + this.slowForMs;
    return { nowMs, slow: { sinceMs, untilMs: over ? addDuration(sinceMs, durationMs(this.slowForMs / 2)) : null } };
  }
}

/** Calls are placed at real moments, and time acts on the account once a second. */
function hangUpsOf(stamps: Stamps, calls: readonly { readonly atMs: number; readonly ringTimeoutMs: DurationMs }[]) {
  let state = exampleHistory(roomy).reduce(accountModel.evolve, accountModel.initialState);
  const ids = new PredictableIds();
  const submit = (command: AccountStreamCommand): readonly AccountStreamEvent[] => {
    const decision = accountModel.decide(command, state);
    const events = decision.accepted ? decision.events : decision.trace;
    if (!decision.accepted) state = accountModel.afterRefusal(command, state, decision.refusal);
    state = events.reduce(accountModel.evolve, state);
    return events;
  };
  const rang = new Map<string, number>();
  for (let elapsed = 0; elapsed <= 400_000; elapsed += lookEveryMs) {
    const time = stamps.at(elapsed);
    for (const event of submit({ type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, ...time }))
      if (event.type === 'CallHangUpRequested') rang.set(event.callId, elapsed - (rang.get(event.callId) ?? 0));
    for (const { atMs, ringTimeoutMs } of calls) {
      if (atMs !== elapsed) continue;
      const command = examplePlaceCall(time.nowMs, { ringTimeoutMs }, ids);
      expect(submit(command)).toMatchObject([{ type: 'CallPlaced' }]);
      rang.set(command.callId, elapsed);
    }
  }
  return [...rang.values()];
}

describe('the timers of calls, while stamps go at half speed', () => {
  it('are due after as much real time as they were set for, whenever they were set and whatever precedes them', () => {
    const second = fc.integer({ min: 0, max: 120 }).map((seconds) => seconds * 1_000);
    const call = fc.record({
      atMs: second,
      ringTimeoutMs: fc.constantFrom(5_000, 20_000, 60_000, 120_000).map(durationMs),
    });
    fc.assert(
      fc.property(second, second, fc.array(call, { minLength: 1, maxLength: 8 }), (from, length, calls) => {
        const waited = hangUpsOf(new Stamps(from, length), calls);
        const inOrder = [...calls].sort((left, right) => left.atMs - right.atMs);
        expect(waited).toHaveLength(calls.length);
        for (const [at, { ringTimeoutMs }] of inOrder.entries()) {
          const late = (waited[at] ?? 0) - ringTimeoutMs - ringGraceMs;
          expect(late).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThanOrEqual(2 * lookEveryMs);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('end the lease of a worker that went silent by the time that was talked, and no sooner', () => {
    const stamps = new Stamps(0, 2_000_000);
    let state = exampleHistory(roomy).reduce(accountModel.evolve, accountModel.initialState);
    const call = examplePlaceCall(nine);
    const submit = (command: AccountStreamCommand) => {
      const decision = accountModel.decide(command, state);
      const events = decision.accepted ? decision.events : [];
      state = events.reduce(accountModel.evolve, state);
      return events;
    };
    submit(call);
    submit(exampleProgress(call, { kind: 'answered' }, nine));
    submit({
      type: 'HangUpCall',
      accountId: call.accountId,
      callId: call.callId,
      legId: null,
      principal: { kind: 'operator', name: 'spec' },
      nowMs: nine,
    });
    const due = accountModel.nextDueMs(state) ?? nine;
    expect(elapsedMs(nine, due)).toBe(workerLeaseMs);
    const act = (elapsed: number) =>
      submit({ type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, ...stamps.at(elapsed) });
    expect(act(workerLeaseMs - 2)).toEqual([]);
    expect(act(workerLeaseMs)).toMatchObject([{ type: 'CallCompleted', cause: 'carrier_unknown' }]);
  });
});
