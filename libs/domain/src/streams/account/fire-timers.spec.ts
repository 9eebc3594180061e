import { describe, expect, it } from '@jest/globals';
import {
  exampleCalendar,
  exampleAccountId,
  exampleHistory,
  exampleKeyId,
  examplePlaceCall,
  exampleProgress,
  nine,
} from '@ringfence/testing/examples';
import { exampleFlowReply } from '@ringfence/testing/flow-examples';
import { addDuration, durationMs, micros, type EpochMs } from '@ringfence/kernel/units';
import { dueActionsMax } from '../../shared/values.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';
import type { PlaceCall } from '../../calls/call.commands.js';
import { authorisationStepMs, callMsMax, ringGraceMs, workerLeaseMs } from '../../calls/call-timers.js';

const after = (ms: number): EpochMs => addDuration(nine, durationMs(ms));

/** One account that executes commands and lets its timers fire. */
class Account {
  state = accountModel.initialState;
  readonly events: AccountStreamEvent[] = [];

  constructor(...history: readonly AccountStreamEvent[]) {
    for (const event of history) this.state = accountModel.evolve(this.state, event);
  }

  submit(command: AccountStreamCommand): readonly AccountStreamEvent[] {
    const decision = accountModel.decide(command, this.state);
    const events = decision.accepted ? decision.events : decision.trace;
    if (!decision.accepted) this.state = accountModel.afterRefusal(command, this.state, decision.refusal);
    this.state = events.reduce(accountModel.evolve, this.state);
    this.events.push(...events);
    return events;
  }

  /** Lets time act on everything that is due by then. @returns what came of it */
  until(nowMs: EpochMs): readonly AccountStreamEvent[] {
    const came: AccountStreamEvent[] = [];
    for (
      let due = accountModel.nextDueMs(this.state);
      due !== null && due <= nowMs;
      due = accountModel.nextDueMs(this.state)
    ) {
      came.push(
        ...this.submit({ type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, nowMs: due }),
      );
    }
    return came;
  }

  place(nowMs: EpochMs, change: Partial<PlaceCall> = {}): PlaceCall {
    const command = examplePlaceCall(nowMs, change);
    expect(this.submit(command)).toMatchObject([{ type: 'CallPlaced' }]);
    return command;
  }
}

const roomy = { callsPerSecond: 10_000, burstCalls: 10_000, linesMax: 100_000 };

describe('a call that nobody answers', () => {
  const ringTimeoutMs = durationMs(20_000);

  it('is hung up a little after its ring timeout, and failed when the worker stays silent', () => {
    const account = new Account(...exampleHistory());
    account.place(nine, { ringTimeoutMs });
    const timeout = after(ringTimeoutMs + ringGraceMs);
    expect(accountModel.nextDueMs(account.state)).toBe(timeout);
    expect(account.until(timeout)).toMatchObject([{ type: 'CallHangUpRequested', reason: 'ring_timeout' }]);
    const lost = addDuration(timeout, workerLeaseMs);
    expect(account.until(lost)).toMatchObject([{ type: 'CallFailed', cause: 'no_answer', releasedMicros: 60_000n }]);
    expect(accountModel.nextDueMs(account.state)).toBeNull();
  });

  it('has nothing due once it is over', () => {
    const account = new Account(...exampleHistory());
    const call = account.place(nine);
    account.submit(
      exampleProgress(call, { kind: 'ended', cause: 'busy', endedBy: 'callee', talkTimeMs: durationMs(0) }, nine),
    );
    expect(accountModel.nextDueMs(account.state)).toBeNull();
  });
});

describe('an answered call', () => {
  it('is paid on when half of its time has passed, again and again, up to the longest a call may be', () => {
    const account = new Account(...exampleHistory());
    const call = account.place(nine);
    account.submit(exampleProgress(call, { kind: 'answered' }, nine));
    account.submit(exampleFlowReply(call, nine));
    expect(accountModel.nextDueMs(account.state)).toBe(after(150_000));
    expect(account.until(after(150_000))).toMatchObject([
      { type: 'CallExtended', authorisedForMs: 600_000, addedMicros: 60_000n, reservedMicros: 120_000n },
    ]);
    expect(accountModel.nextDueMs(account.state)).toBe(after(450_000));
    account.until(after(callMsMax));
    const extensions = account.events.filter(({ type }) => type === 'CallExtended');
    expect(extensions).toHaveLength(callMsMax / authorisationStepMs - 1);
    expect(extensions.at(-1)).toMatchObject({ authorisedForMs: callMsMax });
    const lost = after(callMsMax + workerLeaseMs);
    expect(account.until(lost)).toMatchObject([
      { type: 'CallCompleted', cause: 'carrier_unknown', talkTimeMs: 0, chargedMicros: 0n, releasedMicros: 2_880_000n },
    ]);
  });

  it('is extended as far as the balance goes, and not tried more often than every ten seconds after that', () => {
    const [opened, verified, credit, key] = exampleHistory();
    const account = new Account(opened, verified, { ...credit, amountMicros: micros(61_000n) }, key);
    const call = account.place(nine);
    account.submit(exampleProgress(call, { kind: 'answered' }, nine));
    account.submit(exampleFlowReply(call, nine));
    expect(account.until(after(150_000))).toMatchObject([{ type: 'CallExtended', authorisedForMs: 305_000 }]);
    expect(account.until(after(300_000))).toEqual([]);
    account.submit({ ...exampleCreditCommand, nowMs: after(300_001) });
    const due = accountModel.nextDueMs(account.state);
    expect(due).toBeLessThanOrEqual(after(310_000));
    expect(account.until(after(310_000))).toMatchObject([{ type: 'CallExtended', authorisedForMs: 605_000 }]);
  });

  it('is not extended beyond what its key may spend in a day', () => {
    const account = new Account(...exampleHistory({ dailySpendMicrosMax: micros(90_000n) }));
    const call = account.place(nine);
    account.submit(exampleProgress(call, { kind: 'answered' }, nine));
    account.submit(exampleFlowReply(call, nine));
    expect(account.until(after(150_000))).toMatchObject([{ authorisedForMs: 450_000, reservedMicros: 90_000n }]);
    expect(account.until(after(450_000))).toEqual([]);
  });

  it('shares one balance with the others that are due in the same decision', () => {
    const [opened, verified, credit, key] = exampleHistory();
    const account = new Account(opened, verified, { ...credit, amountMicros: micros(200_000n) }, key);
    const calls = [account.place(nine), account.place(nine), account.place(nine)];
    for (const call of calls) {
      account.submit(exampleProgress(call, { kind: 'answered' }, nine));
      account.submit(exampleFlowReply(call, nine));
    }
    const extensions = account.until(after(150_000));
    expect(extensions).toHaveLength(1);
    expect(account.state.books.test.availableMicros).toBe(0n);
  });

  it('gives back to the new day only what was reserved on it', () => {
    const beforeMidnight = (1_782_165_600_000 - 200_000) as EpochMs; // 23:56:40 in Berlin
    const account = new Account(...exampleHistory({ dailySpendMicrosMax: micros(120_000n) }));
    const call = account.place(beforeMidnight);
    const answeredAtMs = (beforeMidnight + 60_000) as EpochMs;
    account.submit(exampleProgress(call, { kind: 'answered' }, answeredAtMs));
    account.submit(exampleFlowReply(call, answeredAtMs));
    expect(account.until((beforeMidnight + 210_000) as EpochMs)).toMatchObject([
      { type: 'CallExtended', localDay: '2026-06-23', addedMicros: 60_000n },
    ]);
    const other = account.place((beforeMidnight + 220_000) as EpochMs);
    account.submit(
      exampleProgress(
        call,
        { kind: 'ended', cause: 'callee_hangup', endedBy: 'callee', talkTimeMs: durationMs(1_000) },
        (beforeMidnight + 230_000) as EpochMs,
      ),
    );
    // The other call's 60 000 stay counted: the released 119 800 were for the most part yesterday's.
    expect(account.state.keys.get(exampleKeyId)?.used.test.spend).toEqual({ day: '2026-06-23', spentMicros: 60_000n });
    expect(account.state.calls.has(other.callId)).toBe(true);
  });
});

describe('hang-ups that a decision owes', () => {
  const many = dueActionsMax * 2 + 10;
  const crowd = () => {
    const account = new Account(...exampleHistory(roomy));
    for (let index = 0; index < many; index += 1) account.place(nine);
    return account;
  };
  const hangUps = (events: readonly AccountStreamEvent[]) =>
    events.filter(({ type }) => type === 'CallHangUpRequested');

  it('come with the revocation as far as one batch goes, and at once by the timer after it', () => {
    const account = crowd();
    const principal = { kind: 'operator', name: 'ops' } as const;
    const first = account.submit({
      type: 'RevokeKey',
      accountId: exampleAccountId,
      keyId: exampleKeyId,
      reason: 'leaked',
      onRevoke: null,
      nowMs: after(1),
      principal,
    });
    expect(hangUps(first)).toHaveLength(dueActionsMax);
    expect(first.at(-1)?.type).toBe('KeyRevoked');
    expect(accountModel.nextDueMs(account.state)).toBe(after(1));
    const rest = account.until(after(1));
    expect(new Set(hangUps([...first, ...rest]).map((event) => 'callId' in event && event.callId)).size).toBe(many);
    expect(hangUps(rest)).toHaveLength(many - dueActionsMax);
  });

  it('come with a suspension, for the calls of every key', () => {
    const account = crowd();
    account.submit({
      type: 'SuspendAccount',
      accountId: exampleAccountId,
      reason: 'fraud',
      nowMs: after(1),
      principal: { kind: 'operator', name: 'ops' },
    });
    account.until(after(1));
    expect(hangUps(account.events)).toHaveLength(many);
    expect(hangUps(account.events)).toMatchObject(Array(many).fill({ reason: 'account_suspended' }));
  });
});

describe('time', () => {
  it('ends the overlap of a rotation', () => {
    const account = new Account(...exampleHistory());
    account.submit({
      type: 'RotateKey',
      accountId: exampleAccountId,
      keyId: exampleKeyId,
      digest: { pepperId: 'p1', hmacSha256: 'ef'.repeat(32) },
      secretHint: 'a1B2',
      overlapMs: durationMs(60_000),
      nowMs: nine,
      principal: { kind: 'operator', name: 'ops' },
    });
    expect(account.until(after(59_999))).toEqual([]);
    expect(account.until(after(60_000))).toEqual([
      { type: 'KeyOverlapEnded', keyId: exampleKeyId, endedAtMs: after(60_000) },
    ]);
  });

  it('acts through the lane alone, and does nothing when nothing is due', () => {
    const { state } = new Account(...exampleHistory());
    const byKey = { kind: 'key', keyId: exampleKeyId, home: 'account' } as const;
    expect(
      accountModel.decide({ type: 'ActOnTime', calendar: exampleCalendar, nowMs: nine, principal: byKey }, state),
    ).toMatchObject({
      refusal: { code: 'presenter_not_allowed' },
    });
    expect(
      accountModel.decide(
        { type: 'ActOnTime', calendar: exampleCalendar, nowMs: nine, principal: { kind: 'timer' } },
        state,
      ),
    ).toMatchObject({
      refusal: { code: 'nothing_due' },
    });
  });
});

const exampleCreditCommand = {
  type: 'AddCredit',
  accountId: exampleAccountId,
  mode: 'test',
  amountMicros: micros(1_000_000n),
  reference: null,
  nowMs: nine,
  principal: { kind: 'operator', name: 'ops' },
} as const;
