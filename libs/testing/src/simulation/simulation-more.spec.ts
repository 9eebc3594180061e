import { expect, it } from '@jest/globals';
import { judgeSeeds, parseSeedRange } from './seed-range.js';

// A file of its own, so that the two halves run beside each other.
it('a simulated cluster keeps its promises in seeds 501 to 1,000', async () => {
  expect(await judgeSeeds(parseSeedRange('501-1000'))).toEqual([]);
}, 300_000);
