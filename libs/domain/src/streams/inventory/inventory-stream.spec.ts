import { describe, expect, it } from '@jest/globals';
import { exampleEvents, exampleNumber } from '@ringfence/testing/example-events';
import {
  exampleAccountId,
  exampleCalendar,
  exampleKeyId,
  examplePlaceCall,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import type { AccountId, NumberId } from '@ringfence/kernel/ids';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import type { DomainCommand } from '../../command.js';
import type { AddNumber, ReleaseNumber } from '../../inventory/inventory.commands.js';
import { accountNumbersMax } from '../../inventory/inventory.decider.js';
import type { NumberAdded } from '../../inventory/inventory.events.js';
import type { Principal } from '../../shared/values.js';
import type { InventoryState } from './inventory-state.js';
import { inventoryModel } from './inventory-stream.js';

const given = scenariosFor(inventoryModel);
const ids = new PredictableIds(7_000);
const operator: Principal = { kind: 'operator', name: 'ops' };
const worker: Principal = { kind: 'worker', workerId: 'numbers:spec' };
const { numberingPlan } = examplePlaceCall(nine, {}, ids);
const { numberId } = exampleNumber;
const clear = '+15005550100';
const add: AddNumber = {
  type: 'AddNumber',
  numberId,
  accountId: exampleAccountId,
  number: { clear, sealed: sealedExample(clear) },
  locality: 'new-york',
  name: null,
  numberingPlan,
  nowMs: nine,
  principal: operator,
};
const added: NumberAdded = { ...exampleEvents.NumberAdded, addedAtMs: nine };
const release: ReleaseNumber = {
  type: 'ReleaseNumber',
  numberId,
  accountId: exampleAccountId,
  reason: 'withdrawn',
  nowMs: nine,
  principal: worker,
};
const released = { ...exampleEvents.NumberReleased, releasedAtMs: nine };

describe('adding a number', () => {
  it('allocates it to the account, in the mode and with the place that follow from the number', () => {
    given().when(add).then(added);
    const live = '+14155550100';
    given()
      .when({ ...add, number: { clear: live, sealed: sealedExample(live) } })
      .then({ ...added, mode: 'live', number: sealedExample(live), kind: 'fixed_line_or_mobile' });
  });

  it('is refused while any account has it, and not after it was released', () => {
    const again = { ...add, numberId: ids.numberId() };
    for (const accountId of [exampleAccountId, ids.accountId()])
      given(added)
        .when({ ...again, accountId })
        .thenRefused({ code: 'number_already_added' });
    given(added, released)
      .when(again)
      .then({ ...added, numberId: again.numberId });
  });

  it.each([
    ['prose', 'number_invalid'],
    ['+1555', 'number_invalid'],
    ['+15651234567', 'number_range_unknown'],
  ])('is refused for a number that no plan has: %s', (text, code) => {
    given()
      .when({ ...add, number: { clear: text, sealed: sealedExample(text) } })
      .thenRefused({ code: code as 'number_invalid' });
  });

  it('is refused for an account that has as many as it may, those on their way counted', () => {
    const many = Array.from({ length: accountNumbersMax }, (_, at): NumberAdded => {
      return { ...added, numberId: ids.numberId(), number: sealedExample(`+1500${String(at).padStart(7, '0')}`) };
    });
    const refusal = {
      code: 'numbers_exhausted',
      limit: { name: 'account_numbers', max: '10000', used: '10000' },
    } as const;
    given(...many)
      .when(add)
      .thenRefused(refusal);
    const accountId = ids.accountId();
    given(...many)
      .when({ ...add, accountId })
      .then({ ...added, accountId });
  });

  it('is for operators, whose key the lane has checked', () => {
    given()
      .when({ ...add, principal: { kind: 'key', keyId: exampleKeyId, home: 'platform' } })
      .then(added);
    for (const principal of [{ kind: 'key', keyId: exampleKeyId, home: 'account' }, worker, { kind: 'timer' }] as const)
      given()
        .when({ ...add, principal })
        .thenRefused({ code: 'presenter_not_allowed' });
  });
});

describe('releasing a number', () => {
  it('ends the allocation once', () => {
    given(added).when(release).then(released);
    given(added, released).when(release).thenRefused({ code: 'number_unknown' });
  });

  it('concerns the account that it was allocated to', () => {
    given(added)
      .when({ ...release, accountId: ids.accountId() })
      .thenRefused({ code: 'number_unknown' });
  });

  it('is reported by the platform alone', () => {
    for (const principal of [operator, { kind: 'key', keyId: exampleKeyId, home: 'platform' }] as const)
      given(added)
        .when({ ...release, principal })
        .thenRefused({ code: 'presenter_not_allowed' });
  });
});

describe('the inventory', () => {
  const numbers = ['+15005550100', '+15005550101', '+15005550102'];
  const accounts: readonly AccountId[] = [ids.accountId(), ids.accountId()];
  type Step = {
    readonly does: 'add' | 'release';
    readonly number: number;
    readonly account: number;
    readonly of: number;
  };
  const steps: fc.Arbitrary<readonly Step[]> = fc.array(
    fc.record({
      does: fc.constantFrom('add' as const, 'release' as const),
      number: fc.nat({ max: numbers.length - 1 }),
      account: fc.nat({ max: accounts.length - 1 }),
      of: fc.nat({ max: 9 }),
    }),
    { maxLength: 40 },
  );

  function commandOf({ does, number, account, of }: Step, made: readonly NumberId[]): DomainCommand {
    const text = numbers[number] ?? '';
    const accountId = accounts[account] ?? exampleAccountId;
    if (does === 'release') return { ...release, numberId: made[of % Math.max(1, made.length)] ?? numberId, accountId };
    return { ...add, numberId: ids.numberId(), accountId, number: { clear: text, sealed: sealedExample(text) } };
  }

  it('gives a number to at most one account, counts exactly, and is restored from a snapshot as it was', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const made: NumberId[] = [];
        let state: InventoryState = inventoryModel.initialState;
        for (const step of all) {
          const decision = inventoryModel.decide(commandOf(step, made), state);
          if (!decision.accepted) continue;
          for (const event of decision.events) {
            if (event.type === 'NumberAdded') made.push(event.numberId);
            state = inventoryModel.evolve(state, event);
          }
          expectConsistent(state);
        }
        const pieces = JSON.parse(JSON.stringify([...inventoryModel.snapshot(state)])) as Parameters<
          typeof inventoryModel.restore
        >[0];
        expect(inventoryModel.restore(pieces)).toEqual(state);
      }),
    );
  });

  function expectConsistent({ allocations, holders, counts }: InventoryState): void {
    const subjects = [...allocations.values()].map(({ subjectId }) => subjectId);
    expect(new Set(subjects).size).toBe(subjects.length);
    expect(holders.size).toBe(subjects.length);
    for (const [subjectId, holder] of holders) expect(allocations.get(holder)?.subjectId).toBe(subjectId);
    for (const accountId of accounts)
      expect(counts.get(accountId) ?? 0).toBe(allocations.count((each) => each.accountId === accountId));
  }
});

describe('a command that was rejected', () => {
  const rejection = {
    type: 'TurnAwayCommand',
    accountId: null,
    presentedKeyId: exampleKeyId,
    code: 'signature_invalid',
    commandType: 'AddNumber',
    count: 1,
    nowMs: nine,
    principal: worker,
  } as const;

  it('is recorded, and counted when it is one of many', () => {
    const decision = inventoryModel.decide(rejection, inventoryModel.initialState);
    expect(decision).toMatchObject({
      accepted: true,
      events: [{ type: 'CommandTurnedAway', commandType: 'add_number' }],
    });
    if (!decision.accepted) throw new Error('it is recorded');
    const once = decision.events.reduce<InventoryState>(inventoryModel.evolve, inventoryModel.initialState);
    const again = inventoryModel.decide(rejection, once);
    expect(again).toMatchObject({ refusal: { code: 'turning_away_counted' } });
    if (again.accepted) throw new Error('it is counted');
    const counted = inventoryModel.afterRefusal(rejection, once, again.refusal);
    const nextSecond = addDuration(nine, durationMs(1_000));
    expect(inventoryModel.nextDueMs(counted)).toBe(nextSecond);
    const act = { type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' } } as const;
    expect(inventoryModel.decide({ ...act, nowMs: nine }, counted)).toMatchObject({ refusal: { code: 'nothing_due' } });
    expect(inventoryModel.decide({ ...act, nowMs: nextSecond }, counted)).toMatchObject({
      events: [{ type: 'CommandsTurnedAwayCounted', count: 1 }],
    });
    expect(inventoryModel.decide({ ...act, nowMs: nextSecond, principal: operator }, counted)).toMatchObject({
      refusal: { code: 'presenter_not_allowed' },
    });
  });

  it('leaves a trace when the key of an account presents it, and is counted', () => {
    const command = { ...add, principal: { kind: 'key', keyId: exampleKeyId, home: 'account' } } as const;
    const decision = inventoryModel.decide(command, inventoryModel.initialState);
    expect(decision).toMatchObject({ trace: [{ type: 'CommandTurnedAway', presentedKeyId: exampleKeyId }] });
    if (decision.accepted) throw new Error('it was to be refused');
    const after = decision.trace.reduce<InventoryState>(
      inventoryModel.evolve,
      inventoryModel.afterRefusal(command, inventoryModel.initialState, decision.refusal),
    );
    expect(inventoryModel.size(after)).toBe(1);
    expect(inventoryModel.decide(command, after)).toMatchObject({ trace: [] });
  });
});
