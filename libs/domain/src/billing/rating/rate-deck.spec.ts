import { describe, expect, it } from '@jest/globals';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { durationMs, epochMs } from '@ringfence/kernel/units';
import { firstRateDeck } from './first-rate-deck.js';
import { compileRateDecks, type RateDeck, type RateDeckRow } from './rate-deck.js';
import { deckRowsMax, parseRateDeckRows } from './rate-deck-rows.js';

const ids = new PredictableIds();

function row(prefix: string, perMinuteMicros = '1000'): RateDeckRow {
  return {
    prefix,
    country: 'DE',
    connectFeeMicros: '0',
    perMinuteMicros,
    minimumMs: durationMs(0),
    incrementMs: durationMs(1_000),
  };
}

function deck(deckVersion: number, effectiveFrom: number, rows: readonly RateDeckRow[], currency = 'EUR'): RateDeck {
  return { deckId: ids.deckId(), deckVersion, currency, effectiveFromMs: epochMs(effectiveFrom), rows };
}

describe('rate decks', () => {
  it('quote by the longest prefix that matches', () => {
    const decks = compileRateDecks([deck(1, 0, [row('49', '10'), row('4915', '27'), row('491517', '31')])]);
    expect(decks.quote('4930123', 'EUR', epochMs(5))?.prefix).toBe('49');
    expect(decks.quote('491512345', 'EUR', epochMs(5))?.prefix).toBe('4915');
    expect(decks.quote('4915171', 'EUR', epochMs(5))).toMatchObject({ prefix: '491517', perMinuteMicros: 31n });
    expect(decks.quote('4', 'EUR', epochMs(5))).toBeUndefined();
    expect(decks.quote('33123', 'EUR', epochMs(5))).toBeUndefined();
  });

  it('quote from the deck in force at that moment, not from one to come', () => {
    const decks = compileRateDecks([deck(1, 0, [row('49', '10')]), deck(2, 1_000, [row('49', '20')])]);
    expect(decks.quote('4930', 'EUR', epochMs(999))).toMatchObject({ deckVersion: 1, perMinuteMicros: 10n });
    expect(decks.quote('4930', 'EUR', epochMs(1_000))).toMatchObject({ deckVersion: 2, perMinuteMicros: 20n });
  });

  it('let the later version win when two begin at one moment', () => {
    const decks = compileRateDecks([deck(1, 0, [row('49', '10')]), deck(2, 0, [row('49', '20')])]);
    expect(decks.quote('4930', 'EUR', epochMs(0))?.deckVersion).toBe(2);
  });

  it('quote in the currency asked for alone', () => {
    const decks = compileRateDecks([deck(1, 0, [row('49')], 'USD')]);
    expect(decks.quote('4930', 'EUR', epochMs(0))).toBeUndefined();
  });
});

describe('the first deck', () => {
  const decks = compileRateDecks([deck(1, 0, firstRateDeck.rows, firstRateDeck.currency)]);

  it('has each prefix once and can be read back from JSON', () => {
    expect(new Set(firstRateDeck.rows.map(({ prefix }) => prefix)).size).toBe(firstRateDeck.rows.length);
    expect(parseRateDeckRows(JSON.stringify(firstRateDeck.rows))).toEqual(firstRateDeck.rows);
  });

  it.each([
    ['15005550000', 'ZZ'],
    ['14155550100', 'US'],
    ['18765550100', 'JM'],
    ['14165550100', 'CA'],
    ['447700900123', 'GB'],
    ['919876543210', 'IN'],
  ])('quotes %s as %s', (digits, country) => {
    expect(decks.quote(digits, 'USD', epochMs(0))?.country).toBe(country);
  });
});

describe('the rows of a deck', () => {
  it.each([
    ['no JSON', '{'],
    ['no array', '{}'],
    ['no rows', '[]'],
    ['a prefix that is no digits', JSON.stringify([{ ...row('49'), prefix: '+49' }])],
    ['a price that is a number', JSON.stringify([{ ...row('49'), perMinuteMicros: 10 }])],
    ['a price below zero', JSON.stringify([{ ...row('49'), perMinuteMicros: '-1' }])],
    ['an increment of nothing', JSON.stringify([{ ...row('49'), incrementMs: 0 }])],
    ['a country in lower case', JSON.stringify([{ ...row('49'), country: 'de' }])],
    ['one prefix twice', JSON.stringify([row('49'), row('49', '2')])],
    ['a minimum of more than an hour', JSON.stringify([{ ...row('49'), minimumMs: 3_600_001 }])],
    ['a row that is null', '[null]'],
    ['a minimum that is no multiple of the increment', JSON.stringify([{ ...row('49'), minimumMs: 1_500 }])],
    ['a minimum below the increment', JSON.stringify([{ ...row('49'), minimumMs: 1 }])],
  ])('are refused with %s', (_what, json) => {
    expect(parseRateDeckRows(json)).toHaveProperty('fault');
  });

  it('are at most as many as a deck may have', () => {
    const many = JSON.stringify(Array.from({ length: deckRowsMax + 1 }, () => 0));
    expect(parseRateDeckRows(many)).toEqual({ fault: `a rate deck has 1 to ${deckRowsMax} rows` });
  });
});
