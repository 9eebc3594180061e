import { describe, expect, it } from '@jest/globals';
import type { RefusalCode } from '@ringfence/domain/refusals';
import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import { durationMs, position } from '@ringfence/kernel/units';
import { exampleAccountId } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { CommandDispatcher, CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { batchCommandsMax } from '@ringfence/lanes/lane-executor';
import { reportTriesMax, ProgressReporter } from './progress-reporter.js';

const ids = new PredictableIds();

/** A lane that has not answered yet. */
class SlowLane {
  readonly asked: { readonly command: SubmittedCommand; readonly answer: (outcome: CommandOutcome) => void }[] = [];

  dispatch(command: SubmittedCommand): Promise<CommandOutcome> {
    return new Promise((answer) => {
      this.asked.push({ command, answer });
    });
  }

  of(accountId: AccountId): number {
    return this.asked.filter(({ command }) => command.stream === accountId).length;
  }
}

/** A lane that refuses its first commands so, and then takes them, or refuses them otherwise. */
class RefusingLane {
  readonly asked: SubmittedCommand[] = [];

  constructor(
    private readonly code: RefusalCode,
    private readonly times = Number.POSITIVE_INFINITY,
    private readonly then: RefusalCode | null = null,
  ) {}

  dispatch(command: SubmittedCommand): Promise<CommandOutcome> {
    this.asked.push(command);
    const at = { position: position(0), replayed: false };
    const code = this.asked.length > this.times ? this.then : this.code;
    if (code === null) return Promise.resolve({ ...at, accepted: true, result: {} });
    return Promise.resolve({ ...at, accepted: false, refusal: { code, detail: 'no' } });
  }
}

function relayTo(dispatcher: CommandDispatcher) {
  const timers = new FakeTimers();
  const errors: unknown[] = [];
  const relay = new ProgressReporter({
    workerId: 'wrk_spec',
    dispatcher,
    ids,
    clock: new FakeClock(),
    timers,
    onRetryableError: (cause) => {
      errors.push(cause);
    },
  });
  const rings = (accountId: AccountId, calls: number) => {
    for (let call = 0; call < calls; call += 1)
      relay.report({
        accountId,
        callId: ids.callId(),
        attemptId: ids.eventId(),
        signal: { kind: 'ringing' },
      });
  };
  const ends = () => {
    const callId = ids.callId();
    const signal = {
      kind: 'ended',
      cause: 'callee_hangup',
      endedBy: 'callee',
      talkTimeMs: durationMs(61_000),
    } as const;
    relay.report({ accountId: exampleAccountId, callId, attemptId: ids.eventId(), signal });
    return callId;
  };
  return { relay, timers, errors, rings, ends };
}

describe('what a carrier worker saw, on its way to the lanes', () => {
  it('leaves room in every batch for the commands of the account’s clients', () => {
    const lane = new SlowLane();
    const { rings } = relayTo(lane);
    rings(exampleAccountId, 4 * batchCommandsMax);
    expect(lane.of(exampleAccountId)).toBeGreaterThan(0);
    expect(lane.of(exampleAccountId)).toBeLessThanOrEqual(batchCommandsMax / 2);
  });

  it('does not keep one account waiting for another', () => {
    const lane = new SlowLane();
    const { rings } = relayTo(lane);
    const other = parseAccountId('acc_01J00000000000000000000000');
    if (other === undefined) throw new Error('that is an account id');
    rings(exampleAccountId, 4 * batchCommandsMax);
    rings(other, 1);
    expect(lane.of(other)).toBe(1);
  });

  it('brings everything, as room comes', async () => {
    const lane = new SlowLane();
    const { relay, rings } = relayTo(lane);
    const calls = 2 * batchCommandsMax;
    rings(exampleAccountId, calls);
    for (let answered = 0; answered < calls; answered += 1) {
      lane.asked[answered]?.answer({ accepted: true } as CommandOutcome); // more of it is not looked at
      await Promise.resolve();
    }
    await relay.drained(1_000);
    expect(lane.of(exampleAccountId)).toBe(calls);
    expect(relay.waiting).toBe(0);
  });

  it.each(['account_quarantined', 'deadline_passed'] as const)(
    'is brought again while the lane says %s, for nobody has looked at the call',
    async (code) => {
      const lane = new RefusingLane(code, 5);
      const { relay, timers, errors, ends } = relayTo(lane);
      ends();
      await timers.advance(60_000);
      expect(lane.asked).toHaveLength(6);
      expect(relay.waiting).toBe(0);
      expect(errors).toEqual([]);
    },
  );

  it('is brought once where the lane knows better', async () => {
    const lane = new RefusingLane('progress_already_recorded');
    const { relay, timers, errors, ends } = relayTo(lane);
    ends();
    await timers.advance(60_000);
    expect([lane.asked.length, relay.waiting, errors]).toEqual([1, 0, []]);
  });

  it('is reported if it was held for a quarantine and came too late for that', async () => {
    const lane = new RefusingLane('account_quarantined', 3, 'progress_already_recorded');
    const { relay, timers, errors, ends } = relayTo(lane);
    const callId = ends();
    await timers.advance(60_000);
    expect([lane.asked.length, relay.waiting]).toEqual([4, 0]);
    expect(errors).toMatchObject([
      { code: 'signal_not_recorded', message: expect.stringContaining(callId) as unknown },
    ]);
  });

  it('is given up in the end, and reported with its content, which is nowhere else', async () => {
    const lane = new RefusingLane('account_quarantined');
    const { relay, timers, errors, ends } = relayTo(lane);
    const callId = ends();
    await timers.advance(11 * 60_000);
    expect([lane.asked.length, relay.waiting]).toEqual([reportTriesMax, 0]);
    expect(errors).toMatchObject([
      {
        code: 'signal_not_recorded',
        message: `of call ${callId} it was not recorded that it ended by callee_hangup after 61000 ms of talk: account_quarantined`,
      },
    ]);
  });
});
