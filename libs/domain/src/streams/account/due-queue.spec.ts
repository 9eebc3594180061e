import { describe, expect, it } from '@jest/globals';
import { epochMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { emptyDueQueue, nextScheduled, withoutFirst, withPlanned, type DueQueue } from './due-queue.js';

const queueOf = (moments: readonly number[]): DueQueue<number> =>
  moments.reduce<DueQueue<number>>(
    (queue, ms, index) => withPlanned(queue, { dueMs: epochMs(ms), timer: index }),
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

  it('is never changed in place', () => {
    const queue = queueOf([3, 1, 2]);
    drained(queue);
    withPlanned(queue, { dueMs: epochMs(0), timer: 9 });
    expect(drained(queue)).toEqual([1, 2, 3]);
  });

  it('takes a hundred thousand without running out of stack', () => {
    const moments = Array.from({ length: 100_000 }, (_, index) => index);
    expect(drained(queueOf(moments))).toHaveLength(moments.length);
  });
});
