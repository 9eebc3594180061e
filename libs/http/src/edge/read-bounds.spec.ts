import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import fc from 'fast-check';
import { HttpProblem } from '../problem.js';
import { ReadBounds, readLimits, type ReadSize, type ReadTurn } from './read-bounds.js';

const { workingMax, workingPerAccountMax, workingPerKeyMax, presentPerAccountMax, presentPerKeyMax, objectsPerRead } =
  readLimits;
let timers: FakeTimers;
let bounds: ReadBounds;

beforeEach(() => {
  timers = new FakeTimers();
  bounds = new ReadBounds(timers);
});

function begin(account: string, keyId = `${account}'s`, size?: ReadSize): ReadTurn {
  const turn = bounds.begin({ account, keyId }, size);
  turn.ready?.catch((refused: unknown) => refused);
  return turn;
}
const many = (count: number, account: string, keyId?: string) =>
  Array.from({ length: count }, () => begin(account, keyId));
const working = (turns: readonly ReadTurn[]) => turns.filter((turn) => turn.working).length;
/** Lets turns begin that may. */
const settled = async () => {
  await timers.advance(0);
};
const done = (turn: ReadTurn | undefined, bytes = 0) => {
  turn?.answered(bytes);
  turn?.over();
};

describe('reads', () => {
  it('begin at once where there is room', () => {
    const turn = begin('a');
    expect([turn.ready, turn.working]).toEqual([undefined, true]);
  });

  it('of one key, of one account and of all are worked on no more than so many at one time', async () => {
    const ofOneKey = many(10, 'a');
    await settled();
    expect(working(ofOneKey)).toBe(workingPerKeyMax);
    const ofOneAccount = [...ofOneKey, ...many(10, 'a', 'another'), ...many(10, 'a', 'a third')];
    await settled();
    expect(working(ofOneAccount)).toBe(workingPerAccountMax);
    const all = [...ofOneAccount, ...['b', 'c', 'd', 'e', 'f', 'g'].flatMap((account) => many(5, account))];
    await settled();
    expect(working(all)).toBe(workingMax);
  });

  it('of one object are worked on several at a time in the room of another', async () => {
    const objects = (account: string, keyId?: string) =>
      Array.from({ length: 40 }, () => begin(account, keyId, 'object'));
    const ofOneKey = objects('a');
    await settled();
    expect(working(ofOneKey)).toBe(workingPerKeyMax * objectsPerRead);
    const ofOneAccount = [...ofOneKey, ...objects('a', 'another')];
    await settled();
    expect(working(ofOneAccount)).toBe(workingPerAccountMax * objectsPerRead);
    const all = [...ofOneAccount, ...['b', 'c', 'd', 'e'].flatMap((account) => objects(account))];
    await settled();
    expect(working(all)).toBe(workingMax * objectsPerRead);
  });

  it.each([
    ['of its key', [['a', '1']]],
    [
      'of its account',
      [
        ['a', '1'],
        ['a', '2'],
        ['a', '3'],
      ],
    ],
    ['of other accounts', ['a', 'b', 'c', 'd', 'e'].map((account) => [account, account])],
  ] as const)('of any size are not kept waiting by a flood of reads of one object %s', async (_whose, owners) => {
    const flood = owners.flatMap(([account, keyId]) =>
      Array.from({ length: 40 }, () => begin(account, keyId, 'object')),
    );
    await settled();
    const [[account, keyId]] = owners;
    const large = begin(account, keyId);
    // Another one comes for each that is done.
    for (let ended = 0; !large.working && ended < 200; ended += 1) {
      const at = flood.findIndex((turn) => turn.working);
      const [turn] = flood.splice(at, 1);
      done(turn);
      if (turn !== undefined) flood.push(begin(turn.account.name, turn.key.keyId, 'object'));
      await settled();
    }
    expect(large.working).toBe(true);
  });

  it('of any size are not kept waiting by accounts that come with a read of one object each', async () => {
    const flood = Array.from({ length: workingMax * objectsPerRead }, (_, at) =>
      begin(`a${String(at)}`, 'k', 'object'),
    );
    const large = begin('late');
    await settled();
    for (let ended = 0; !large.working && ended < 200; ended += 1) {
      done(flood[ended]);
      flood.push(begin(`b${String(ended)}`, 'k', 'object'));
      await settled();
    }
    expect(large.working).toBe(true);
  });

  it('begin in the order in which they came, and one begins for each that is done', async () => {
    const turns = many(workingPerKeyMax + 2, 'a');
    for (let at = 0; at < 2; at += 1) {
      await settled();
      expect(turns.map((turn) => turn.working).lastIndexOf(true)).toBe(workingPerKeyMax - 1 + at);
      done(turns[at]);
    }
    await settled();
    await turns.at(-1)?.ready;
    expect(working(turns)).toBe(workingPerKeyMax);
  });

  it('of accounts take turns: one that asks for much waits for itself alone', async () => {
    const crowd = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((account) => many(100, account));
    await settled();
    const late = begin('late');
    let others = 0;
    while (!late.working) {
      done(crowd.find((turn) => turn.working && (others += 1) > 0));
      await settled();
    }
    expect(others).toBeLessThanOrEqual(6);
  });

  it('that are too many are refused with 429, by key and by account, and room is used again', () => {
    const turns = many(presentPerKeyMax, 'a');
    expect(() => begin('a')).toThrow(HttpProblem);
    const others = many(presentPerAccountMax - presentPerKeyMax, 'a', 'another');
    expect(() => begin('a', 'a third')).toThrow(
      expect.objectContaining({ code: 'reads_overrun', kind: expect.objectContaining({ status: 429 }) }),
    );
    expect(begin('b').working).toBe(true);
    done(turns[0]);
    done(others[0]);
    expect(() => begin('a')).not.toThrow();
  });

  it('are refused when their turn does not come in time', async () => {
    const turns = many(workingPerKeyMax + 1, 'a');
    const last = turns.at(-1);
    const refused = expect(last?.ready).rejects.toMatchObject({ code: 'reads_overrun' });
    await timers.advance(readLimits.waitMsMax);
    await refused;
    last?.answered(100);
    done(turns[0]);
    await settled();
    expect(last?.working).toBe(false);
  });

  it('do not begin while bytes wait for clients of their account, and begin when these are taken or their clients gone', async () => {
    const first = begin('a');
    first.answered(readLimits.unreadBytesPerAccountMax);
    const second = begin('a');
    await settled();
    expect(second.working).toBe(false);
    expect(begin('b').working).toBe(true);
    first.over();
    await settled();
    expect(second.working).toBe(true);
  });

  it('that rest are not worked on, count as present, and go on in their turn', async () => {
    const resting = begin('a');
    let end: () => void = () => undefined;
    const rested = resting.rest(
      () =>
        new Promise<string>(
          (resolve) =>
            (end = () => {
              resolve('seen');
            }),
        ),
    );
    expect(resting.working).toBe(false);
    const others = many(presentPerKeyMax - 1, 'a');
    await settled();
    expect(working(others)).toBe(workingPerKeyMax);
    expect(() => begin('a')).toThrow('too many reads');
    end();
    await settled();
    expect(resting.working).toBe(false);
    for (const other of others) done(other);
    await settled();
    expect([await rested, resting.working]).toEqual(['seen', true]);
  });

  it('end with their connection: what waits never begins, what waits is ended, what is worked on counts until its work ends', async () => {
    const turns = many(workingPerKeyMax + 1, 'a');
    const [first, resting] = turns;
    const waiting = turns.at(-1);
    const refused = expect(waiting?.ready).rejects.toMatchObject({ code: 'reads_overrun' });
    const rested = expect(
      resting?.rest(
        (gone) =>
          new Promise((resolve) => {
            gone.addEventListener('abort', resolve);
          }),
      ),
    ).rejects.toMatchObject({ code: 'request_timeout' });
    waiting?.over();
    resting?.over();
    await Promise.all([refused, rested]);
    first?.over();
    expect(first?.working).toBe(true);
    expect(() => first?.check()).toThrow('closed before the answer');
    for (const turn of turns) turn.answered(1_000);
    await settled();
    expect(working(many(workingPerAccountMax, 'a'))).toBe(workingPerKeyMax);
  });

  it('leave nothing behind, whatever becomes of them', async () => {
    const step = fc.record({
      act: fc.constantFrom<'begin' | 'answer' | 'end' | 'wait'>('begin', 'answer', 'end', 'wait'),
      account: fc.constantFrom('a', 'b', 'c'),
      key: fc.constantFrom('1', '2', '3'),
      at: fc.nat(40),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
        [timers, bounds] = [new FakeTimers(), new ReadBounds(timers)];
        const turns: ReadTurn[] = [];
        for (const { act, account, key, at } of steps) {
          const turn = turns[at % Math.max(1, turns.length)];
          if (act === 'begin') turns.push(begin(account, `${account}${key}`));
          else if (act === 'answer' && turn?.working === true) turn.answered(at * 1_000_000);
          else if (act === 'end') turn?.over();
          else await settled();
          expect(working(turns)).toBeLessThanOrEqual(workingMax);
          for (const name of ['a', 'b', 'c'])
            expect(working(turns.filter((each) => each.account.name === name))).toBeLessThanOrEqual(
              workingPerAccountMax,
            );
        }
        for (const turn of turns) done(turn);
        await settled();
        // As at the beginning.
        expect(working(many(workingPerAccountMax, 'a'))).toBe(workingPerKeyMax);
        expect(many(presentPerKeyMax - workingPerAccountMax, 'a')).toHaveLength(
          presentPerKeyMax - workingPerAccountMax,
        );
        expect(() => begin('a')).toThrow('too many reads');
      }),
    );
  });
});
