import { describe, expect, it } from '@jest/globals';
import { Coalescer } from './coalescer.js';

const limits = { batchMax: 3, inFlightMax: 1, queueMax: 7, overrun: () => new Error('overrun') };

describe('a coalescer', () => {
  it('answers each question with its own answer, few questions to a batch, one batch at a time', async () => {
    const batches: (readonly number[])[] = [];
    let underWay = 0;
    const coalescer = new Coalescer(async (questions: readonly number[]) => {
      underWay += 1;
      expect(underWay).toBe(1);
      batches.push(questions);
      await new Promise(setImmediate);
      underWay -= 1;
      return questions.map((question) => question * 10);
    }, limits);
    const asked = [1, 2, 3, 4, 5, 6, 7];
    expect(await Promise.all(asked.map((question) => coalescer.submit(question)))).toEqual(
      asked.map((each) => each * 10),
    );
    expect(batches).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  it('refuses one more than may wait', async () => {
    const coalescer = new Coalescer((questions: readonly number[]) => Promise.resolve(questions), limits);
    const asked = Array.from({ length: 8 }, (_, at) => coalescer.submit(at));
    await expect(asked[7]).rejects.toThrow('overrun');
    expect(await Promise.all(asked.slice(0, 7))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('goes on after a batch that failed', async () => {
    let down = true;
    const coalescer = new Coalescer(
      (questions: readonly number[]) => (down ? Promise.reject(new Error('down')) : Promise.resolve(questions)),
      limits,
    );
    const lost = await Promise.allSettled([1, 2, 3].map((question) => coalescer.submit(question)));
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    down = false;
    expect(await coalescer.submit(4)).toBe(4);
  });
});
