import { describe, expect, it } from '@jest/globals';
import { parseSeedRange, sharesOf } from './seed-range.js';

describe('seeds', () => {
  it('are given as one, or as a first and a last', () => {
    expect(parseSeedRange('17')).toEqual({ first: 17, last: 17 });
    expect(parseSeedRange('1-500')).toEqual({ first: 1, last: 500 });
    for (const text of ['', '9-3', '1-', 'all']) expect(() => parseSeedRange(text)).toThrow(RangeError);
  });

  it('are shared so that each is run once, and none has much more to do than another', () => {
    expect(sharesOf({ first: 1, last: 10 }, 3)).toEqual([
      { first: 1, last: 4 },
      { first: 5, last: 7 },
      { first: 8, last: 10 },
    ]);
    expect(sharesOf({ first: 7, last: 7 }, 4)).toEqual([{ first: 7, last: 7 }]);
    expect(sharesOf({ first: 1, last: 2 }, 8)).toEqual([
      { first: 1, last: 1 },
      { first: 2, last: 2 },
    ]);
  });
});
