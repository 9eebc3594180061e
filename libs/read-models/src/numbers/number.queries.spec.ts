import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import type { NumberTarget, ReceivedNumber } from '@ringfence/domain/numbers/number.events';
import type { Mode } from '@ringfence/domain/shared/values';
import { type AccountId, inventoryStream, type NumberId } from '@ringfence/kernel/ids';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { exampleNumber } from '@ringfence/testing/example-events';
import { exampleAppCreated, nine, sealedExample } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { PageRequest } from '../page.js';
import { WrittenHistory } from '../written-history.contract.js';
import { CountAssignedNumbers, FindNumber, ListAllocations, ListNumbers } from './number.handlers.js';
import { type AllocationFilter, type AssigneeId, NumberQueries } from './number.queries.js';
import { numbersProjection } from './numbers.projection.js';

const ids = new PredictableIds(6_000);
const later = (seconds: number) => addDuration(nine, durationMs(seconds * 1_000));

let models: WrittenHistory;
let account: AccountId;
let other: AccountId;
beforeAll(async () => {
  models = await WrittenHistory.start([numbersProjection]);
  const [first, second] = models.history.accountIds;
  if (first === undefined || second === undefined) throw new Error('the history has accounts');
  [account, other] = [first, second];
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

type Change = Partial<Pick<ReceivedNumber, 'accountId' | 'mode' | 'territory' | 'number'>>;
function numberOf(change: Change = {}): ReceivedNumber {
  return { ...exampleNumber, accountId: account, ...change, numberId: ids.numberId() };
}
async function added(change: Change = {}): Promise<ReceivedNumber> {
  const number = numberOf(change);
  const { ownNumber: _ownNumber, ...allocated } = number;
  await models.record({ type: 'NumberAdded', ...allocated, addedAtMs: nine }, inventoryStream);
  return number;
}
async function received(change: Change = {}): Promise<ReceivedNumber> {
  const number = await added(change);
  await models.record({ type: 'NumberReceived', ...number, receivedAtMs: later(1) }, number.accountId);
  return number;
}
async function withdrawn({ numberId, accountId, mode }: ReceivedNumber): Promise<void> {
  await models.record(
    { type: 'NumberWithdrawn', numberId, accountId, mode, unassignedFrom: null, withdrawnAtMs: later(2) },
    accountId,
  );
}
async function released({ numberId, accountId, mode }: ReceivedNumber): Promise<void> {
  const event = { numberId, accountId, mode, reason: 'withdrawn', releasedAtMs: later(3) } as const;
  await models.record({ type: 'NumberReleased', ...event }, inventoryStream);
}
async function listed(mode: Mode | null, territories: readonly string[] | null = null, accountId = account) {
  const { rows } = await ask(new ListNumbers({ accountId, mode, territories, assignedTo: null }, { limit: 100 }));
  return rows.map(({ numberId }) => numberId);
}

describe('the numbers of an account', () => {
  it('are listed as soon as it has them, the one received last first, by mode and territory', async () => {
    await added();
    const one = await received();
    const two = await received({ mode: 'live', territory: 'DE' });
    const three = await received({ mode: 'live', territory: null });
    const foreign = await received({ accountId: other });
    const numbers = [three, two, one].map(({ numberId }) => numberId);
    expect(await listed(null)).toEqual(numbers);
    expect(await listed('live')).toEqual(numbers.slice(0, 2));
    expect(await listed('test')).toEqual(numbers.slice(2));
    expect(await listed(null, ['DE', 'US'])).toEqual(numbers.slice(1));
    expect(await listed(null, null, other)).toEqual([foreign.numberId]);
    for (const number of [one, two, three]) await withdrawn(number);
    expect(await listed(null)).toEqual([]);
  });

  it('are listed page by page, each of them once, while others come in', async () => {
    const numbers: NumberId[] = [];
    for (let at = 0; at < 5; at += 1) numbers.unshift((await received()).numberId);
    const found: NumberId[] = [];
    for (let cursor: PageRequest['cursor'] = undefined; ;) {
      const filter = { accountId: account, mode: null, territories: null, assignedTo: null };
      const page: Awaited<ReturnType<NumberQueries['listNumbers']>> = await ask(
        new ListNumbers(filter, { limit: 2, cursor }),
      );
      found.push(...page.rows.map(({ numberId }) => numberId));
      if (page.next === null) break;
      cursor = { after: page.next };
      await received();
    }
    expect(found).toEqual(numbers);
  });

  it('have the name that was given last, and are found by their ids until they are withdrawn', async () => {
    const number = await received();
    const { numberId, mode } = number;
    expect(await ask(new FindNumber(numberId))).toMatchObject({
      accountId: account,
      name: null,
      number: number.number,
    });
    for (const name of ['first', 'second'].map(sealedExample)) {
      await models.record({ type: 'NumberRenamed', numberId, mode, name, renamedAtMs: later(2) });
      expect(await ask(new FindNumber(numberId))).toMatchObject({ name });
    }
    await withdrawn(number);
    expect(await ask(new FindNumber(numberId))).toBeUndefined();
  });
});

describe('an assignment', () => {
  const app = exampleAppCreated({}, ids.voiceAppId());
  const toTrunk = { kind: 'sip_trunk', trunkId: ids.sipTrunkId() } as const;
  const assign = (target: NumberTarget, ...numbers: readonly ReceivedNumber[]) =>
    models.record(
      {
        ...{ type: 'NumbersAssigned', accountId: account, mode: 'test', target, assignedAtMs: later(2) },
        numberIds: numbers.map(({ numberId }) => numberId),
      },
      account,
    );
  const on = async (...assignedTo: readonly AssigneeId[]) => {
    const filter = { accountId: account, mode: null, territories: null, assignedTo };
    const { rows } = await ask(new ListNumbers(filter, { limit: 100 }));
    return rows.map((row) => [row.numberId, row.assignedTo]);
  };

  it('begins with an app or later, moves, and ends; what is assigned is found and counted', async () => {
    const [one, two, three] = [await received(), await received(), await received()];
    await models.record({ ...app, numberIds: [one.numberId, two.numberId] }, account);
    expect(await on(app.appId)).toEqual([
      [two.numberId, app.appId],
      [one.numberId, app.appId],
    ]);
    await assign(toTrunk, two, three);
    const both = [app.appId, toTrunk.trunkId];
    expect(await on(...both)).toEqual([
      [three.numberId, toTrunk.trunkId],
      [two.numberId, toTrunk.trunkId],
      [one.numberId, app.appId],
    ]);
    expect(await ask(new FindNumber(two.numberId))).toMatchObject({ assignedTo: toTrunk.trunkId });
    const counts = () => ask(new CountAssignedNumbers([...both, ids.voiceAppId()]));
    expect([...(await counts())].toSorted()).toEqual(
      [
        [toTrunk.trunkId, 2],
        [app.appId, 1],
      ].toSorted(),
    );
    await withdrawn(three);
    const of = { accountId: account, mode: 'test', unassignedAtMs: later(3) } as const;
    await models.record({ type: 'NumbersUnassigned', ...of, numberIds: [two.numberId] }, account);
    expect([...(await counts())]).toEqual([[app.appId, 1]]);
    expect(await on(...both)).toEqual([[one.numberId, app.appId]]);
    expect(await ask(new FindNumber(two.numberId))).toMatchObject({ assignedTo: null });
    for (const number of [one, two]) await withdrawn(number);
    expect(await ask(new CountAssignedNumbers([]))).toEqual(new Map());
  });

  it('is what the last change says, also where two come in one batch', async () => {
    const number = await received();
    const { numberId } = number;
    const first = { ...app, appId: ids.voiceAppId(), numberIds: [numberId] };
    await models.history.appendTo(models.store, models.history.record(account, first));
    await assign(toTrunk, number); // written together with the event before
    expect(await on(toTrunk.trunkId)).toEqual([[number.numberId, toTrunk.trunkId]]);
    await withdrawn(number);
  });
});

describe('allocations', () => {
  const states = async (filter: AllocationFilter) => {
    const { rows } = await ask(new ListAllocations(filter, { limit: 100 }));
    return rows.map(({ numberId, state }) => [numberId, state]);
  };

  it('go from the inventory to the account and back', async () => {
    const number = sealedExample('+15005550190');
    const first = await added({ number });
    const of = { numberSubject: number.subjectId };
    expect(await states(of)).toEqual([[first.numberId, 'allocated']]);
    await models.record({ type: 'NumberReceived', ...first, receivedAtMs: later(1) });
    expect(await states(of)).toEqual([[first.numberId, 'received']]);
    await withdrawn(first);
    expect(await states(of)).toEqual([[first.numberId, 'withdrawn']]);
    await released(first);
    const second = await received({ number, accountId: other });
    expect(await states(of)).toEqual([
      [second.numberId, 'received'],
      [first.numberId, 'released'],
    ]);
    expect(await states({ ...of, accountId: account })).toEqual([[first.numberId, 'released']]);
    expect(await states({ ...of, state: 'received' })).toEqual([[second.numberId, 'received']]);
    const { rows } = await ask(new ListAllocations({ ...of, state: 'released' }, { limit: 1 }));
    expect(rows).toMatchObject([
      { addedAtMs: nine, receivedAtMs: later(1), withdrawnAtMs: later(2), releasedAtMs: later(3) },
    ]);
  });

  it('that are on their way are found, the oldest first, and no others', async () => {
    const queries = new NumberQueries(models.db);
    const before = await queries.pendingAllocations(1_000);
    const [coming, going, gone] = [await added(), await received(), await received()];
    await received();
    for (const number of [going, gone]) await withdrawn(number);
    await released(gone);
    const found = (await queries.pendingAllocations(1_000)).slice(before.length);
    expect(found).toEqual([
      { numberId: coming.numberId, accountId: account, awaits: 'receipt' },
      { numberId: going.numberId, accountId: account, awaits: 'release' },
    ]);
    expect(await queries.pendingAllocations(before.length + 1)).toHaveLength(before.length + 1);
  });
});
