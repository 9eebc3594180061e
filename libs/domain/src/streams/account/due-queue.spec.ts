import { describe, expect, it } from '@jest/globals';
import { epochMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { emptyDueQueue, nextScheduled, withoutFirst, withPlanned, type DueQueue } from './due-queue.js';

const queueOf = (moments: readonly number[]): DueQueue<number> =>
  moments.reduce<DueQueue<number>>(
    (queue, ms, index) => withPlanned(queue, { dueMs: epochMs(ms), name: String(index), timer: index }),
    emptyDueQueue,
  );

function drained(queue: DueQueue<number>): number[] {
  const order: number[] = [];
  for (let rest = queue; ; rest = withoutFirst(rest)) {
    const first = nextScheduled(rest);
    if (first === null) return order;
    order.push(first.dueMs);
  }
}

describe('the queue of what is due', () => {
  it('gives back what was put in, earliest first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 200 }), (moments) => {
        const queue = queueOf(moments);
        expect(queue.size).toBe(moments.length);
        expect(drained(queue)).toEqual([...moments].sort((left, right) => left - right));
      }),
    );
  });

  it('gives the same order back, in whichever order things were put in', () => {
    const some = fc.uniqueArray(fc.record({ name: fc.string(), ms: fc.nat(3) }), { selector: ({ name }) => name });
    const namesOf = (timers: readonly { readonly name: string; readonly ms: number }[]) => {
      let queue: DueQueue<null> = emptyDueQueue;
      for (const { name, ms } of timers) queue = withPlanned(queue, { dueMs: epochMs(ms), name, timer: null });
      const names: string[] = [];
      for (; nextScheduled(queue) !== null; queue = withoutFirst(queue)) names.push(nextScheduled(queue)?.name ?? '');
      return names;
    };
    const twice = some.chain((timers) =>
      fc.tuple(fc.constant(timers), fc.shuffledSubarray(timers, { minLength: timers.length })),
    );
    fc.assert(
      fc.property(twice, ([timers, shuffled]) => {
        expect(namesOf(shuffled)).toEqual(namesOf(timers));
      }),
    );
  });

  it('is never changed in place', () => {
    const queue = queueOf([3, 1, 2]);
    drained(queue);
    withPlanned(queue, { dueMs: epochMs(0), name: '9', timer: 9 });
    expect(drained(queue)).toEqual([1, 2, 3]);
  });

  it('takes a hundred thousand without running out of stack', () => {
    const moments = Array.from({ length: 100_000 }, (_, index) => index);
    expect(drained(queueOf(moments))).toHaveLength(moments.length);
  });
});
