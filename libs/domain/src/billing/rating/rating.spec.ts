import { describe, expect, it } from '@jest/globals';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { durationMs, micros } from '@ringfence/kernel/units';
import fc from 'fast-check';
import type { RateQuote } from './rate-quote.js';
import { affordableMs, billedMs, priceOf } from './rating.js';

const deckId = new PredictableIds().deckId();

function rate(perMinute: bigint, connectFee = 0n, minimumMs = 0, incrementMs = 1_000): RateQuote {
  return {
    deckId,
    deckVersion: 1,
    prefix: '49',
    country: 'DE',
    connectFeeMicros: micros(connectFee),
    perMinuteMicros: micros(perMinute),
    minimumMs: durationMs(minimumMs),
    incrementMs: durationMs(incrementMs),
  };
}

describe('the price of a call', () => {
  const sixSix = rate(12_000n, 5_000n, 60_000, 6_000);
  it.each([
    { rated: sixSix, talkTimeMs: 0, price: 0n, because: 'nobody talked' },
    { rated: sixSix, talkTimeMs: 1, price: 17_000n, because: 'the minimum is charged' },
    { rated: sixSix, talkTimeMs: 60_000, price: 17_000n, because: 'exactly the minimum' },
    { rated: sixSix, talkTimeMs: 60_001, price: 18_200n, because: 'one more step of six seconds has begun' },
    { rated: sixSix, talkTimeMs: 66_000, price: 18_200n, because: 'that step is used up' },
    { rated: rate(12_000n), talkTimeMs: 1, price: 200n, because: 'a started second is charged whole' },
    { rated: rate(12_000n), talkTimeMs: 60_000, price: 12_000n, because: 'a minute is a minute' },
    { rated: rate(100n), talkTimeMs: 1_000, price: 2n, because: 'a started micro-unit is charged whole' },
    { rated: rate(0n, 9n), talkTimeMs: 5_000, price: 9n, because: 'the minutes are free, the connection is not' },
    {
      rated: rate(60n, 0n, 1_500, 1_000),
      talkTimeMs: 1,
      price: 2n,
      because: 'the minimum too is charged in whole steps',
    },
  ])('$talkTimeMs ms costs $price: $because', ({ rated, talkTimeMs, price }) => {
    expect(priceOf(rated, durationMs(talkTimeMs))).toBe(price);
  });

  it('grows with the talk and covers what it bills', () => {
    fc.assert(
      fc.property(anyRate, anyTalk, anyTalk, (rated, one, other) => {
        const [less, more] = [durationMs(Math.min(one, other)), durationMs(Math.max(one, other))];
        expect(priceOf(rated, less) <= priceOf(rated, more)).toBe(true);
        expect(billedMs(rated, more)).toBeGreaterThanOrEqual(more);
        expect(billedMs(rated, more) % rated.incrementMs).toBe(0);
      }),
    );
  });
});

describe('the time that money buys', () => {
  it.each([
    { rated: rate(12_000n), budget: 60_000n, ms: 300_000, because: 'five minutes are paid for' },
    { rated: rate(12_000n), budget: 30_000n, ms: 150_000, because: 'it buys half of it' },
    { rated: rate(12_000n), budget: 30_199n, ms: 150_000, because: 'a part of a second is not sold' },
    { rated: rate(12_000n), budget: 199n, ms: undefined, because: 'it does not buy one second' },
    {
      rated: rate(12_000n, 5_000n, 60_000),
      budget: 16_999n,
      ms: undefined,
      because: 'connect fee and minimum come first',
    },
    { rated: rate(12_000n, 5_000n, 60_000), budget: 17_000n, ms: 60_000, because: 'it buys just the least' },
    { rated: rate(0n), budget: 0n, ms: 300_000, because: 'a free call needs no money' },
    { rated: rate(0n, 1n), budget: 0n, ms: undefined, because: 'the connect fee does' },
  ])('$budget buys $ms ms: $because', ({ rated, budget, ms }) => {
    expect(affordableMs(rated, micros(budget), durationMs(300_000))).toBe(ms);
  });

  it('is never more than requested, never dearer than the budget, and one step more would be', () => {
    const requested = durationMs(300_000);
    fc.assert(
      fc.property(anyRate, fc.bigInt({ min: 0n, max: 400_000_000n }), (rated, budget) => {
        const bought = affordableMs(rated, micros(budget), requested);
        if (bought === undefined) {
          expect(priceOf(rated, durationMs(1)) > budget || rated.minimumMs > requested).toBe(true);
          return;
        }
        expect(bought).toBeLessThanOrEqual(Math.max(requested, rated.minimumMs + rated.incrementMs));
        expect(priceOf(rated, bought) <= budget).toBe(true);
        if (bought < requested) expect(priceOf(rated, durationMs(bought + rated.incrementMs)) > budget).toBe(true);
      }),
    );
  });
});

const anyTalk = fc.integer({ min: 0, max: 20_000_000 });
const anyRate = fc
  .record({
    perMinute: fc.bigInt({ min: 0n, max: 9_000_000n }),
    connectFee: fc.bigInt({ min: 0n, max: 1_000_000n }),
    minimumMs: fc.integer({ min: 0, max: 120_000 }),
    incrementMs: fc.integer({ min: 1, max: 60_000 }),
  })
  .map(({ perMinute, connectFee, minimumMs, incrementMs }) => rate(perMinute, connectFee, minimumMs, incrementMs));
