import { describe, expect, it } from '@jest/globals';
import { amountText, countText, durationText } from './amounts.js';

describe('amounts for people', () => {
  it.each([
    [0n, '0.00'],
    [1_000_000n, '1.00'],
    [17_000n, '0.017'],
    [-1n, '-0.000001'],
    [12_345_670_000n, '12345.67'],
    [100_000n, '0.10'],
  ])('writes %s micro-units as %s', (amountMicros, text) => {
    expect(amountText(amountMicros)).toBe(text);
  });

  it.each([
    [0, '0.0 s'],
    [83_400, '1 min 23.4 s'],
    [59_999, '1 min 0.0 s'],
  ])('writes %s milliseconds as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('groups large counts by thousands', () => {
    expect([0, 999, 1000, 1234567].map(countText)).toEqual(['0', '999', '1 000', '1 234 567']);
  });
});
