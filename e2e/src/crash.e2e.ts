import { describe, it } from '@jest/globals';
import { killAgainAndAgain } from './crashes.js';

describe('a platform that is killed under load', () => {
  it('loses nothing, doubles nothing and leaks nothing, killed 5 times at seeded moments', async () => {
    await killAgainAndAgain(5, 20_260_401);
  });
});
