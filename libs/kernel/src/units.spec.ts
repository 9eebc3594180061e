import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDuration,
  durationMs,
  elapsedMs,
  epochMs,
  laterOf,
  localDay,
  micros,
  minMicros,
  position,
  prorateMicrosCeil,
  streamVersion,
  subtractMicros,
} from './units.js';

describe('units', () => {
  it.each([durationMs, epochMs, position, streamVersion])(
    'takes whole numbers from zero on and nothing else',
    (unit) => {
      expect(unit(0)).toBe(0);
      for (const wrong of [-1, 1 / 2, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1]) {
        expect(() => unit(wrong)).toThrow(RangeError);
      }
    },
  );

  it('never lets time run backwards', () => {
    expect(elapsedMs(epochMs(10), epochMs(4))).toBe(0);
    expect(elapsedMs(epochMs(4), epochMs(10))).toBe(6);
    expect(laterOf(epochMs(4), epochMs(10))).toBe(10);
    expect(addDuration(epochMs(4), durationMs(6))).toBe(10);
  });

  it('takes a local day as YYYY-MM-DD alone', () => {
    expect(localDay('2026-11-24')).toBe('2026-11-24');
    expect(() => localDay('24/11/2026')).toThrow(RangeError);
  });

  it('subtracts money below zero', () => {
    expect(subtractMicros(micros(1n), micros(2n))).toBe(-1n);
    expect(minMicros(micros(1n), micros(2n))).toBe(1n);
  });
});

describe('prorateMicrosCeil', () => {
  it.each([
    { rate: 0n, part: 7n, whole: 60n, price: 0n, because: 'it is free' },
    { rate: 60n, part: 60n, whole: 60n, price: 60n, because: 'it is all of it' },
    { rate: 100n, part: 1n, whole: 60n, price: 2n, because: 'a started micro-unit is charged whole' },
    { rate: 1n, part: 0n, whole: 60n, price: 0n, because: 'nothing was used' },
  ])('gives $price for $part of $whole at $rate: $because', ({ rate, part, whole, price }) => {
    expect(prorateMicrosCeil(micros(rate), part, whole)).toBe(price);
  });

  it('is the least whole amount that is not below the exact one', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(amount, amount, fc.bigInt({ min: 1n, max: 10n ** 9n }), (rate, part, whole) => {
        const price = prorateMicrosCeil(micros(rate), part, whole);
        expect(price * whole >= rate * part).toBe(true);
        expect((price - 1n) * whole < rate * part).toBe(true);
      }),
    );
  });
});
