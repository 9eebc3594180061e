import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AppendBatch } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { CommandId } from '@ringfence/kernel/ids';
import { cappedTimers, LaneBench } from '@ringfence/testing/lane-bench';
import { batchCommandsMax } from './lane-executor.js';

const poison = 666n;
const poisonous = { commandId: 'poison' as CommandId, idChosenByClient: true };

/** Says whether the culprit's result is in this append. */
function holdsPoison({ appends }: AppendBatch): boolean {
  return appends.some(({ events }) =>
    events.some(({ bytes }) => Buffer.from(bytes).includes(`"amountMicros":"${poison}"`)),
  );
}

/** Number of failing halves of a batch, and halves of those, until the culprit is alone. */
const halvings = Math.ceil(Math.log2(batchCommandsMax)) + 1;

describe('a command whose events the store cannot take', () => {
  let b: LaneBench;
  beforeEach(() => {
    b = new LaneBench();
  });
  afterEach(async () => {
    await b.stop();
  });

  it.each([
    ['a failure that no retry cures', new Failure('event_too_large', 'no room for it', false)],
    ['an error that nobody knows', new TypeError('cannot read properties of undefined')],
  ])(
    'is found among thousands of other accounts by %s: it is parked, each other one is decided once',
    async (_, why) => {
      const executor = await b.start({ timers: cappedTimers });
      const accounts = await Promise.all(Array.from({ length: 100 }, () => b.opened(executor)));
      const [first, ...others] = accounts;
      if (first === undefined) throw new Error('no account');
      b.store.fault = (batch) => (holdsPoison(batch) ? why : undefined);
      const good = (each: number) => others.map((account) => executor.dispatch(b.credit(account, BigInt(each + 1))));
      const before = Array.from({ length: 10 }, (_each, at) => good(at)).flat();
      const own = executor.dispatch(b.credit(first, 1n));
      const bad = executor.dispatch(b.credit(first, poison, poisonous));
      bad.catch(() => undefined); // where the test ends before it has looked
      const behind = executor.dispatch(b.credit(first, 2n));
      const after = Array.from({ length: 20 }, (_each, at) => good(at)).flat();
      const outcomes = await Promise.all([own, behind, ...before, ...after]);
      expect(outcomes).toHaveLength(2 + 30 * 99);
      expect(outcomes.filter(({ accepted, replayed }) => !accepted || replayed)).toEqual([]);
      expect(await bad).toMatchObject({ accepted: false, refusal: { code: 'command_parked' } });
      for (const account of others) expect(await b.events(account)).toHaveLength(1 + 30);
      expect((await b.events(first)).map(({ data }) => data)).toMatchObject([
        { type: 'AccountOpened' },
        { amountMicros: 1n },
        { amountMicros: 2n },
      ]);
      expect(b.notices.filter((each) => each !== 'broken')).toEqual(['parked poison']);
      // It is looked for twice, by halves.
      expect(b.store.failedAppends).toBeLessThanOrEqual(2 * halvings);
      expect(await executor.dispatch(b.credit(first, poison, poisonous))).toMatchObject({ replayed: true });
      expect(await executor.dispatch(b.credit(first, 3n))).toMatchObject({ accepted: true });
    },
    60_000,
  );

  it('is decided after all when the store can take it the second time', async () => {
    const executor = await b.start({ timers: cappedTimers });
    const [first, other] = [await b.opened(executor), await b.opened(executor)];
    let alone = 0;
    b.store.fault = (batch) => {
      if (!holdsPoison(batch) || alone > 0) return undefined;
      alone = batch.outcomes.length === 1 ? 1 : 0;
      return new Error('not now');
    };
    const outcomes = await Promise.all([
      executor.dispatch(b.credit(other, 1n)),
      executor.dispatch(b.credit(first, poison)),
    ]);
    expect(outcomes.filter(({ accepted }) => !accepted)).toEqual([]);
    expect(b.notices.filter((each) => each !== 'broken')).toEqual([]);
    expect([await b.events(first), await b.events(other)].map(({ length }) => length)).toEqual([2, 2]);
  });

  it('is looked for in the order of each account, also when the store goes away between two halves', async () => {
    const executor = await b.start({ timers: cappedTimers });
    const account = await b.opened(executor);
    const faults = [new Error('a bug'), 'before'] as const;
    let appends = 0;
    b.store.fault = () => faults[appends++];
    await Promise.all([1n, 2n, 3n, 4n].map((amount) => executor.dispatch(b.credit(account, amount))));
    expect(b.store.failedAppends).toBe(faults.length);
    const credits = (await b.events(account)).slice(1).map(({ data }) => data);
    expect(credits).toMatchObject([1n, 2n, 3n, 4n].map((amountMicros) => ({ amountMicros })));
  });

  it('is looked for without those whose account cannot be read just then: they wait for it, nobody for them', async () => {
    const executor = await b.start({ timers: cappedTimers });
    const [first, slow, ...others] = await Promise.all(Array.from({ length: 8 }, () => b.opened(executor)));
    if (first === undefined || slow === undefined) throw new Error('no account');
    let held = false;
    b.store.fault = (batch) => {
      if (!holdsPoison(batch)) return undefined;
      // From the first failure on: what is in memory then is forgotten, and has to be read again.
      if (!held) b.store.holdLoads(slow);
      held = true;
      return new Error('a bug');
    };
    const waiting = executor.dispatch(b.credit(slow, 1n));
    waiting.catch(() => undefined);
    const dispatched = [first, ...others].map((account) =>
      executor.dispatch(b.credit(account, account === first ? poison : 1n)),
    );
    expect((await Promise.all(dispatched)).map(({ accepted }) => accepted)).toEqual([false, ...others.map(() => true)]);
    expect(await b.events(slow)).toHaveLength(1);
    b.store.holdLoads(undefined);
    expect(await waiting).toMatchObject({ accepted: true, replayed: false });
    expect(await b.events(slow)).toHaveLength(2);
  });
});
