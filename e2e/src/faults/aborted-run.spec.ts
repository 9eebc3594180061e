import { describe, expect, it } from '@jest/globals';
import { untilBrokenOff } from './aborted-run.js';

const plentyMs = 60_000;

describe('a run that is broken off', () => {
  it('says by what, so that what there is can be kept', async () => {
    const thrown = await untilBrokenOff(() => Promise.reject(new Error('no broker')), plentyMs);
    expect(thrown).toEqual(['the run was broken off: no broker']);
  });

  it('is also one that does not end', async () => {
    const hanging = await untilBrokenOff(() => new Promise(() => undefined), 1);
    expect(hanging).toEqual(['the run was broken off: it was not done within 1 ms']);
  });

  it('is not one that is done', async () => {
    let done = false;
    const work = () => {
      done = true;
      return Promise.resolve();
    };
    expect([await untilBrokenOff(work, plentyMs), done]).toEqual([[], true]);
  });
});
