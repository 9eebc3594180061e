import { describe, expect, it } from '@jest/globals';
import { exampleEvents } from '@ringfence/testing/example-events';
import {
  byExampleKey,
  exampleAccountId,
  exampleAppCreated,
  exampleAppId,
  exampleHistory,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { exampleTrunkCreated, exampleTrunkId } from '@ringfence/testing/trunk-examples';
import type { NumberId } from '@ringfence/kernel/ids';
import fc from 'fast-check';
import type { AssignNumbers, NumberSelection, UnassignNumbers } from '../../numbers/number.commands.js';
import type { NumberReceived, NumberTarget } from '../../numbers/number.events.js';
import type { AccountState } from './account-state.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';

const given = scenariosFor(accountModel);
const ids = new PredictableIds(8_500);
const history = exampleHistory({ scopes: ['numbers:write', 'apps:write', 'trunks:write'] });
const app = exampleAppCreated();
const trunk = exampleTrunkCreated();
const toApp: NumberTarget = { kind: 'voice_app', appId: exampleAppId };
const toTrunk: NumberTarget = { kind: 'sip_trunk', trunkId: exampleTrunkId };
const by = { accountId: exampleAccountId, nowMs: nine, principal: byExampleKey } as const;
const of = { accountId: exampleAccountId, mode: 'test' } as const;

function numberIn(more: Partial<NumberReceived> = {}): NumberReceived {
  const numberId = ids.numberId();
  return { ...exampleEvents.NumberReceived, numberId, ownNumber: sealedExample(numberId), ...more };
}
const [one, two, german] = [numberIn(), numberIn(), numberIn({ territory: 'DE' })];
const live = numberIn({ mode: 'live' });
const listed = (...numberIds: readonly NumberId[]): NumberSelection => ({ kind: 'listed', numberIds });
const all = (more: Partial<Extract<NumberSelection, { kind: 'all' }>> = {}): NumberSelection => ({
  ...{ kind: 'all', territories: null, assignedTo: null },
  ...more,
});
const assign = (selection: NumberSelection, target: NumberTarget = toApp): AssignNumbers => ({
  ...by,
  ...{ type: 'AssignNumbers', selection, target },
});
const unassign = (selection: NumberSelection): UnassignNumbers => ({ ...by, type: 'UnassignNumbers', selection });
const assigned = (numberIds: readonly NumberId[], target: NumberTarget = toApp): AccountStreamEvent => ({
  ...of,
  ...{ type: 'NumbersAssigned', numberIds, target, assignedAtMs: nine },
});
const unassigned = (...numberIds: readonly NumberId[]): AccountStreamEvent => ({
  ...of,
  ...{ type: 'NumbersUnassigned', numberIds, unassignedAtMs: nine },
});
const world = [...history, app, trunk, one, two, german, live] as const;

describe('numbers', () => {
  it('are assigned to an app or to a trunk, by one event for all that a command names', () => {
    const both = [one.numberId, two.numberId];
    given(...world)
      .when(assign(listed(...both)))
      .then(assigned(both));
    given(...world)
      .when(assign(listed(...both), toTrunk))
      .then(assigned(both, toTrunk));
  });

  it('move when they are assigned again, and then an app without numbers can be deleted', () => {
    const remove = { type: 'DeleteVoiceApp', ...by, appId: exampleAppId } as const;
    const onApp = [...world, assigned([one.numberId])];
    given(...onApp)
      .when(remove)
      .thenRefused({ code: 'voice_app_in_use' });
    given(...onApp)
      .when(assign(listed(one.numberId), toTrunk))
      .then(assigned([one.numberId], toTrunk));
    const { appId, mode } = app;
    given(...onApp, assigned([one.numberId], toTrunk))
      .when(remove)
      .then({ type: 'VoiceAppDeleted', appId, mode, deletedAtMs: nine });
    given(...onApp, assigned([one.numberId], toTrunk))
      .when({ type: 'DeleteSipTrunk', ...by, trunkId: exampleTrunkId })
      .thenRefused({ code: 'sip_trunk_in_use' });
  });

  it('are unassigned, also those that are assigned to nothing', () => {
    given(...world, assigned([one.numberId]))
      .when(unassign(listed(one.numberId, two.numberId)))
      .then(unassigned(one.numberId, two.numberId));
  });

  it('are all assigned or none: one that the account does not have refuses the command', () => {
    for (const missing of [ids.numberId(), live.numberId]) {
      for (const command of [assign, unassign])
        given(...world)
          .when(command(listed(one.numberId, missing)))
          .thenRefused({ code: 'number_unknown' });
    }
  });

  it.each([
    ['an app that does not exist', { kind: 'voice_app', appId: ids.voiceAppId() }, 'voice_app_unknown'],
    ['a trunk that does not exist', { kind: 'sip_trunk', trunkId: ids.sipTrunkId() }, 'sip_trunk_unknown'],
  ] as const)('are not assigned to %s', (_, target, code) => {
    given(...world)
      .when(assign(listed(one.numberId), target))
      .thenRefused({ code });
  });

  it('are not assigned to an app or a trunk of the other mode', () => {
    const others = [...history, { ...app, mode: 'live' }, { ...trunk, mode: 'live' }, one] as const;
    given(...others)
      .when(assign(listed(one.numberId)))
      .thenRefused({ code: 'voice_app_unknown' });
    given(...others)
      .when(assign(listed(one.numberId), toTrunk))
      .thenRefused({ code: 'sip_trunk_unknown' });
  });

  it('are meant by conditions, all of the key’s mode that meet them when the command is decided', () => {
    const before = [...world, assigned([one.numberId])];
    given(...before)
      .when(assign(all(), toTrunk))
      .then(assigned([one.numberId, two.numberId, german.numberId], toTrunk));
    given(...before)
      .when(unassign(all({ territories: ['DE', 'FR'] })))
      .then(unassigned(german.numberId));
    given(...before)
      .when(assign(all({ assignedTo: [toApp] }), toTrunk))
      .then(assigned([one.numberId], toTrunk));
    given(...before)
      .when(unassign(all({ assignedTo: [toApp], territories: ['DE'] })))
      .thenRefused({ code: 'no_numbers_selected' });
    given(...before)
      .when(unassign(all({ assignedTo: [] })))
      .thenRefused({ code: 'no_numbers_selected' });
  });

  it('are many: a selection of all takes as many events as it needs, together', () => {
    const many = Array.from({ length: 1_001 }, () => numberIn());
    const numberIds = many.map(({ numberId }) => numberId);
    given(...history, app, ...many)
      .when(assign(all()))
      .then(assigned(numberIds.slice(0, 500)), assigned(numberIds.slice(500, 1_000)), assigned(numberIds.slice(1_000)));
  });

  it('are assigned with a key that has numbers:write alone, by no operator', () => {
    const principal = { kind: 'operator', name: 'ops' } as const;
    given(...world)
      .when({ ...assign(listed(one.numberId)), principal })
      .thenRefused({ code: 'presenter_not_allowed' });
    given(...exampleHistory({ scopes: ['apps:write'] }), app, one)
      .when(assign(listed(one.numberId)))
      .thenRefused({ code: 'scope_missing' });
  });
});

describe('a new app', () => {
  const { settings } = app;
  const create = { type: 'CreateVoiceApp', ...by, appId: exampleAppId, settings } as const;

  it('takes numbers at once, from whatever they were assigned to', () => {
    const numberIds = [one.numberId, two.numberId];
    given(...history, trunk, one, two, assigned([one.numberId], toTrunk))
      .when({ ...create, numberIds })
      .then({ ...app, numberIds, createdAtMs: nine });
  });

  it('is not created where the account lacks one of them', () => {
    given(...history, one, live)
      .when({ ...create, numberIds: [one.numberId, live.numberId] })
      .thenRefused({ code: 'app_number_unknown' });
  });
});

describe('a number that is withdrawn', () => {
  const withdraw = { type: 'WithdrawNumber', ...by, numberId: one.numberId } as const;
  const withdrawn = (unassignedFrom: NumberTarget | null): AccountStreamEvent => ({
    ...of,
    ...{ type: 'NumberWithdrawn', numberId: one.numberId, unassignedFrom, withdrawnAtMs: nine },
  });
  const operator = { kind: 'operator', name: 'ops' } as const;

  it('is unassigned by it, and the event says from what', () => {
    given(...world, assigned([one.numberId]))
      .when({ ...withdraw, principal: operator })
      .then(withdrawn(toApp));
    given(...world)
      .when({ ...withdraw, principal: operator })
      .then(withdrawn(null));
    given(...world, assigned([one.numberId]), withdrawn(toApp))
      .when({ type: 'DeleteVoiceApp', ...by, appId: exampleAppId })
      .then({ type: 'VoiceAppDeleted', appId: exampleAppId, mode: 'test', deletedAtMs: nine });
  });

  it('is no value to be erased while the account has it', () => {
    const { subjectId } = one.ownNumber;
    const erase = { type: 'EraseSubject', ...by, subjectId, principal: operator } as const;
    given(...world)
      .when(erase)
      .thenRefused({ code: 'subject_in_use' });
    const erased = { type: 'SubjectErased', accountId: exampleAccountId, subjectId, erasedAtMs: nine } as const;
    given(...world, withdrawn(null))
      .when(erase)
      .then(erased);
  });
});

describe('the assignment of an account’s numbers', () => {
  const apps = [exampleAppId, ids.voiceAppId()];
  const numbers = [one, two, german].map(({ numberId }) => numberId);
  const target = fc.constantFrom<NumberTarget>(
    ...apps.map((appId) => ({ kind: 'voice_app', appId }) as const),
    toTrunk,
  );
  const selection = fc.oneof(
    fc.uniqueArray(fc.constantFrom(...numbers), { minLength: 1 }).map((some) => listed(...some)),
    fc.option(fc.array(target, { maxLength: 2 }), { nil: null }).map((assignedTo) => all({ assignedTo })),
  );
  const step: fc.Arbitrary<AccountStreamCommand> = fc.oneof(
    fc.tuple(selection, target).map(([some, onto]) => assign(some, onto)),
    selection.map(unassign),
    fc.constantFrom(...apps).map((appId): AccountStreamCommand => ({ type: 'DeleteVoiceApp', ...by, appId })),
    fc.constantFrom(...apps).map((appId): AccountStreamCommand => ({
      type: 'CreateVoiceApp',
      ...by,
      appId,
      settings: app.settings,
      numberIds: [],
    })),
  );

  it('leads to apps and trunks that exist, whatever commands come, and outlives a snapshot', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (commands) => {
        let state = world.reduce<AccountState>(accountModel.evolve, accountModel.initialState);
        for (const command of commands) {
          const decision = accountModel.decide(command, state);
          for (const event of decision.accepted ? decision.events : []) state = accountModel.evolve(state, event);
          for (const { assignedTo } of state.numbers.values()) {
            if (assignedTo?.kind === 'voice_app') expect(state.voiceApps.has(assignedTo.appId)).toBe(true);
            if (assignedTo?.kind === 'sip_trunk') expect(state.sipTrunks.has(assignedTo.trunkId)).toBe(true);
          }
        }
        const restored = accountModel.restore([...accountModel.snapshot(state)]);
        expect(restored.numbers.toJS()).toEqual(state.numbers.toJS());
      }),
    );
  });
});
