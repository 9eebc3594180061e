import { describe, expect, it } from '@jest/globals';
import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import { exampleAccountId } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { CommandOutcome, SubmittedCommand } from '../../lane/command-dispatcher.js';
import { batchCommandsMax } from '../../lane/lane-executor.js';
import { SignalRelay } from './signal-relay.js';

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

function relayTo(dispatcher: SlowLane) {
  const relay = new SignalRelay({
    workerId: 'wrk_spec',
    dispatcher,
    ids,
    clock: new FakeClock(),
    timers: new FakeTimers(),
    onTrouble: (cause) => {
      throw cause;
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
  return { relay, rings };
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
});
