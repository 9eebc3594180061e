import { describe, expect, it } from '@jest/globals';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { nine } from '@ringfence/testing/examples';
import { StampsAhead } from './stamps-ahead.js';

const at = (ms: number) => addDuration(nine, durationMs(ms));

describe('how far stamps are ahead of the clock', () => {
  it('is recognised by an event that comes before its timestamp, and shrinks at half the speed of the clock', () => {
    const stamps = new StampsAhead();
    expect(stamps.aheadMs(nine)).toBe(0);
    stamps.observe(at(600_000), nine);
    expect([0, 1_000, 600_000, 1_200_000, 2_000_000].map((ms) => stamps.aheadMs(at(ms)))).toEqual([
      600_000, 599_500, 300_000, 0, 0,
    ]);
  });

  it('is not forgotten for an event that was long on its way', () => {
    const stamps = new StampsAhead();
    stamps.observe(at(600_000), nine);
    stamps.observe(at(600_500), at(20_000));
    expect(stamps.aheadMs(at(20_000))).toBe(590_000);
  });

  it('is nothing for events that come after their stamps', () => {
    const stamps = new StampsAhead();
    stamps.observe(nine, at(3));
    expect(stamps.aheadMs(at(3))).toBe(0);
  });
});
