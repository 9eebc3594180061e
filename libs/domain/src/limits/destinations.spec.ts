import { describe, expect, it } from '@jest/globals';
import { libphonenumberPlan } from '@ringfence/numbering/numbering-plan';
import { exampleDecks, nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { addDuration, durationMs, epochMs } from '@ringfence/kernel/units';
import { compileRateDecks, quotesFromMax, type RateDecks } from '../billing/rating/rate-deck.js';
import type { Mode } from '../shared/values.js';
import { callingPolicies, faultDetail, judgeNumber } from './called-number.js';
import { destinationOrder, mayOpenMore } from './destination-order.js';
import { explainNumber, priceOfNumber } from './number-explanation.js';
import type { NumberingPlan } from './numbering-plan.js';
import { type OpenedRange, withOpenedRanges } from './opened-ranges.js';

type World = {
  readonly mode?: Mode;
  readonly plan?: NumberingPlan;
  readonly decks?: RateDecks;
  readonly atMs?: number;
};

/** `passes`, or why not. */
function verdict(clear: string, named: readonly string[] | null, world: World = {}): string {
  const { mode = 'test', plan = libphonenumberPlan, decks = exampleDecks, atMs = nine } = world;
  const prices = { decks, currency: 'USD', atMs: epochMs(atMs) };
  return judgeNumber(clear, { named: [named], mode }, plan, prices).fault?.reason ?? 'passes';
}

function decksOf(prices: Readonly<Record<string, readonly [country: string, perMinuteMicros: string]>>): RateDecks {
  const rows = Object.entries(prices).map(([prefix, [country, perMinuteMicros]]) => ({
    prefix,
    country,
    connectFeeMicros: '0',
    perMinuteMicros,
    minimumMs: durationMs(1_000),
    incrementMs: durationMs(1_000),
  }));
  const deckId = new PredictableIds().deckId();
  return compileRateDecks([{ deckId, deckVersion: 1, currency: 'USD', effectiveFromMs: epochMs(0), rows }]);
}

describe('the destination guard', () => {
  it.each<[string, readonly string[] | null, string, string]>([
    ['+819012345678', null, 'passes', 'the commonest mobile range of Japan'],
    ['+819012345678', ['81'], 'passes', 'its country code is named'],
    ['+819012345678', ['+81'], 'passes', 'with a + as well'],
    ['+819012345678', ['JP'], 'passes', 'its territory is named'],
    ['+819012345678', ['8199', 'KR'], 'not_named', 'other ones are named'],
    ['+819012345678', [], 'not_named', 'none is named'],
    ['+861016812345', null, 'passes', 'a landline of Beijing'],
    ['+819901234567', null, 'unknown_range', '0990 with a digit too many'],
    ['+81990123456', null, 'costly_kind', 'Dial Q2'],
    ['+81990123456', ['JP', '81'], 'costly_kind', 'the country does not name it'],
    ['+81990123456', ['81990'], 'passes', 'the range is named'],
    ['+81990123456', ['8199'], 'costly_kind', '099 leads to Kagoshima too'],
    ['+18765230123', null, 'other_territory', 'Jamaica, without a policy'],
    ['+18765230123', ['1'], 'other_territory', '1 is shared by many territories'],
    ['+18765230123', ['US', 'CA'], 'not_named', 'others of +1 are named'],
    ['+18765230123', ['JM'], 'passes', 'Jamaica is named'],
    ['+18765230123', ['1876'], 'passes', 'its area code leads there alone'],
    ['+17872345678', ['US'], 'not_named', 'the US does not include Puerto Rico'],
    ['+17872345678', ['1'], 'other_territory', '+1 does not either'],
    ['+17872345678', ['PR'], 'passes', 'Puerto Rico is named'],
    ['+14165550100', ['1'], 'passes', 'Canada costs what the US does'],
    ['+14165550100', ['US'], 'not_named', 'Canada is not the US'],
    ['+12129761234', ['US', '1212'], 'costly_kind', 'pay-per-call'],
    ['+12129761234', ['1212976'], 'passes', 'the exchange is named'],
    ['+19005550100', ['1', 'US'], 'costly_kind', 'premium rate'],
    ['+19005550100', ['1900'], 'passes', 'premium rate, by its digits'],
    ['+19005550100', ['190055'], 'passes', 'a part of it'],
    ['+447012345678', ['44', 'GB'], 'costly_kind', 'a personal number that looks like a mobile'],
    ['+447012345678', ['+4470'], 'passes', 'personal numbers are named'],
    ['+32900123456', null, 'unknown_range', 'a premium number of Belgium with a digit too many'],
    ['+3290012345', null, 'costly_kind', 'premium rate of Belgium'],
    ['+31900123456', null, 'costly_kind', 'of the Netherlands'],
    ['+3531550123456', null, 'costly_kind', 'of Ireland'],
    ['+449812345678', null, 'costly_kind', 'of Guernsey, under +44'],
    ['+469925019633', null, 'costly_kind', 'of Sweden'],
    ['+421975963681', null, 'costly_kind', 'of Slovakia'],
    ['+8816123456789', null, 'no_territory', 'a satellite'],
    ['+8816123456789', ['8'], 'no_territory', 'a satellite is not opened by a digit that Japan begins with'],
    ['+8816123456789', ['881'], 'passes', 'its digits are named'],
    ['+979123456789', ['979'], 'passes', 'international premium rate, named'],
    ['+4409012345678', null, 'trunk_digits', 'premium rate behind a trunk 0'],
    ['+4409012345678', ['44', '440'], 'trunk_digits', 'nothing opens what is no number'],
    ['+4909001234567', null, 'trunk_digits', 'premium rate of Germany behind a trunk 0'],
    ['+390612345678', ['IT'], 'passes', 'the zero of Rome is right'],
    ['+15550000', null, 'length', 'seven digits in +1'],
    ['+1212555000099', null, 'length', 'twelve'],
    ['+15655550123', ['1', 'US'], 'unknown_range', 'no data has the area code'],
    ['0012125550100', null, 'form', 'no number in E.164'],
  ])('%s under %j: %s, for %s', (number, named, right) => {
    expect(verdict(number, named)).toBe(right);
  });

  it('opens the sandbox range to test keys, named or not, and never to live ones', () => {
    expect([null, ['1'], ['US'], ['1500555'], ['JP']].map((named) => verdict('+15005550000', named))).toEqual([
      'passes',
      'passes',
      'passes',
      'passes',
      'not_named',
    ]);
    for (const named of [null, ['1'], ['US'], ['1500555']])
      expect(verdict('+15005550000', named, { mode: 'live' })).toBe('sandbox_range');
    expect(verdict('+15002345678', ['1'])).toBe('costly_kind');
  });
});

describe('what is dear', () => {
  const decks = decksOf({
    '49': ['DE', '10000'],
    '4915': ['DE', '30000'],
    '49151': ['DE', '90000'],
    '491511': ['DE', '30001'],
    '4930': ['DE', '9000'],
    '7': ['RU', '50000'],
    '77': ['KZ', '150001'],
    '876': ['ZZ', '1'],
  });
  const of = (number: string, named: readonly string[] | null) => verdict(number, named, { decks });

  it.each<[string, readonly string[] | null, string, string]>([
    ['+4915212345678', null, 'passes', 'three times the main price'],
    ['+4915112345678', null, 'costly_price', 'a millionth more than three times'],
    ['+4915112345678', ['DE', '49'], 'costly_price', 'as much when the country is named'],
    ['+4915112345678', ['4915'], 'passes', 'the price of the prefix that is named counts'],
    ['+4915123456789', ['4915'], 'passes', 'three times its price'],
    ['+4915123456789', ['DE'], 'costly_price', 'nine times the main price'],
    ['+77012345678', ['7'], 'costly_price', 'digits that two territories share open the dear one of them not'],
    ['+77012345678', ['KZ'], 'passes', 'its own main price'],
    ['+77012345678', null, 'passes', 'and so without a policy'],
    ['+79161234567', ['7'], 'passes', 'the other one is open'],
  ])('%s under %j: %s, for %s', (number, named, right) => {
    expect(of(number, named)).toBe(right);
  });

  it('is measured by a minute, connect fee and minimum counted', () => {
    const row = { prefix: '49', country: 'DE', perMinuteMicros: '10000', incrementMs: durationMs(1_000) };
    const rows = [
      { ...row, connectFeeMicros: '0', minimumMs: durationMs(1_000) },
      { ...row, prefix: '4930', connectFeeMicros: '20001', minimumMs: durationMs(1_000) },
      { ...row, prefix: '4940', connectFeeMicros: '0', minimumMs: durationMs(180_001) },
    ];
    const deck = {
      deckId: new PredictableIds().deckId(),
      deckVersion: 1,
      currency: 'USD',
      effectiveFromMs: epochMs(0),
    };
    const withFees = compileRateDecks([{ ...deck, rows }]);
    expect(verdict('+493023125000', null, { decks: withFees })).toBe('costly_price');
    expect(verdict('+494066969123', null, { decks: withFees })).toBe('costly_price');
    expect(verdict('+496990009123', null, { decks: withFees })).toBe('passes');
  });

  it('is nothing where there is no price to compare with: without a price there is no call', () => {
    const none = compileRateDecks([]);
    expect(verdict('+493023125000', null, { decks: none })).toBe('passes');
    const prices = { decks: none, currency: 'USD', atMs: nine };
    const policies = { named: [null], mode: 'test' } as const;
    expect(explainNumber('+493023125000', policies, libphonenumberPlan, prices)).toMatchObject({
      fault: { code: 'no_route', reason: 'no_price' },
      number: { territory: 'DE' },
    });
  });

  it('takes the shortest prefix of a territory for its main price, and of several the cheapest', () => {
    const islands = decksOf({ '1876': ['JM', '280000'], '1658': ['JM', '200000'], '187655': ['JM', '1'] });
    expect(islands.mainQuote('JM', 'USD', nine)?.prefix).toBe('1658');
    expect(islands.mainQuote('US', 'USD', nine)).toBeUndefined();
    expect(islands.mainQuote('JM', 'EUR', nine)).toBeUndefined();
  });
});

describe('a child key', () => {
  const prices = { decks: exampleDecks, currency: 'USD', atMs: nine };
  const judged = (number: string, ...line: readonly (readonly string[] | null)[]) => {
    const keys = line.map((destinationPrefixes) => ({ policy: { destinationPrefixes } }));
    return explainNumber(number, callingPolicies(keys, 'test'), libphonenumberPlan, prices);
  };

  it.each<[string, readonly (readonly string[] | null)[], string | null, number | null]>([
    ['+819012345678', [['81'], ['JP']], null, null],
    ['+819012345678', [['81'], ['KR']], 'not_named', 1],
    ['+819012345678', [['49'], ['KR']], 'not_named', 0],
    ['+81990123456', [['81990'], ['81990'], ['81']], 'costly_kind', 2],
    ['+18765230123', [['1876'], null], 'other_territory', 1],
    ['+15655550123', [['1'], ['1']], 'unknown_range', null],
    ['12125550100', [null, null], 'form', null],
  ])('may call %s, with %j from itself up to the first, or why not: %s, by %s', (number, line, reason, refusedBy) => {
    const { fault, refusedBy: principal } = judged(number, ...line);
    expect([fault?.reason ?? null, principal]).toEqual([reason, refusedBy]);
  });
});

describe('the price of a number', () => {
  const wide = decksOf({ '1': ['US', '8500'], '44': ['GB', '9500'], '8': ['ZZ', '100'], '1671': ['GU', '24000'] });
  const verdict = (number: string, decks: RateDecks) => {
    const { rate, fault } = priceOfNumber(number, libphonenumberPlan, { decks, currency: 'USD', atMs: nine });
    return rate?.prefix ?? fault?.reason;
  };

  it.each([
    ['+16713001234', '1671', 'Guam has a row'],
    ['+16702341234', 'no_price', 'the Northern Marianas have none, and are not charged as the US'],
    ['+16846221234', 'no_price', 'nor is American Samoa'],
    ['+17872345678', 'no_price', 'nor is Puerto Rico'],
    ['+18765230123', 'no_price', 'nor is Jamaica'],
    ['+14165550100', '1', 'Canada is of the territories that 1 stands for'],
    ['+19005550100', 'no_price', 'premium rate is not charged as a landline'],
    ['+16002345678', 'no_price', 'nor are tariffed services of Canada'],
    ['+449012345678', 'no_price', 'nor is premium rate of the United Kingdom'],
    ['+447012345678', 'no_price', 'nor are its personal numbers'],
    ['+8816123456789', 'no_price', 'a satellite is not charged as what begins with the same digit'],
    ['+15005550000', '1', 'the sandbox costs nothing, whatever the row says'],
  ])('%s is that of %s: %s', (number, prefix) => {
    expect(verdict(number, wide)).toBe(prefix);
  });

  it('is that of its own range in the first deck, or there is none', () => {
    expect(
      [
        '+16713001234',
        '+16702341234',
        '+16846221234',
        '+19005550100',
        '+16002345678',
        '+870773123456',
        '+449012345678',
      ].map((number) => verdict(number, exampleDecks)),
    ).toEqual(['1671', '1670', '1684', '1900', '1600', '870', 'no_price']);
  });
});

describe('what is wrong with a number', () => {
  it('is said of the field that has it', () => {
    const { fault } = judgeNumber('abc', { named: [null], mode: 'test' }, libphonenumberPlan, {
      decks: exampleDecks,
      currency: 'USD',
      atMs: nine,
    });
    expect(['number', 'to_number'].map((field) => fault && faultDetail(fault, field))).toEqual([
      'number: E.164, a + and 7 to 15 digits.',
      'to_number: E.164, a + and 7 to 15 digits.',
    ]);
  });
});

describe('a range that an operator has opened', () => {
  const later = addDuration(nine, durationMs(1_000));
  const range: OpenedRange = {
    prefix: '1565',
    territory: 'US',
    kind: 'fixed_line_or_mobile',
    effectiveFromMs: nine,
    effectiveUntilMs: null,
  };
  const plan = (...ranges: readonly OpenedRange[]) => withOpenedRanges(libphonenumberPlan, ranges);
  const of = (ranges: readonly OpenedRange[], atMs: number = nine, named: readonly string[] | null = null) =>
    verdict('+15655550123', named, { plan: plan(...ranges), atMs });

  it('is called as what it was opened as, from its time on and until its end', () => {
    expect(of([])).toBe('unknown_range');
    expect(of([range])).toBe('passes');
    expect(of([range], nine, ['US'])).toBe('passes');
    expect(of([range], nine, ['CA'])).toBe('not_named');
    expect(of([{ ...range, effectiveFromMs: later }])).toBe('unknown_range');
    expect(of([{ ...range, effectiveFromMs: later }], later)).toBe('passes');
    expect(of([{ ...range, effectiveUntilMs: later }], later)).toBe('unknown_range');
    expect(plan(range).classify('15655550123', nine)).toMatchObject({ territory: 'US', openedRange: '1565' });
  });

  it('is the longest that holds the number, and the latest of those with one prefix', () => {
    const premium = { ...range, prefix: '1565555', kind: 'premium_rate' } as const;
    expect(of([premium, range])).toBe('costly_kind');
    expect(of([premium, range], nine, ['1565'])).toBe('costly_kind');
    expect(of([premium, range], nine, ['1565555'])).toBe('passes');
    expect(of([range, { ...range, territory: 'JM' }])).toBe('other_territory');
    expect(of([range, { ...range, effectiveFromMs: later, effectiveUntilMs: later }], later)).toBe('unknown_range');
  });

  it('changes nothing of what the data knows, and makes no number of what is none', () => {
    const all = { ...range, prefix: '1', territory: 'JM' };
    expect(verdict('+14155550100', null, { plan: plan(all) })).toBe('passes');
    expect(verdict('+15550000', null, { plan: plan(all) })).toBe('length');
    expect(verdict('+4409012345678', null, { plan: plan({ ...range, prefix: '44' }) })).toBe('trunk_digits');
  });
});

describe('one list of destinations beside another', () => {
  it.each<[readonly string[] | null, readonly string[] | null, boolean]>([
    [null, null, false],
    [null, ['49'], true],
    [['49'], null, true],
    [['49'], ['49', '33'], false],
    [['+49'], ['49'], false],
    [['4915'], ['49'], true],
    [['1900'], ['1'], true],
    [['US'], ['1'], true],
    [['DE', 'US'], null, false],
    [['DE', 'JM'], null, true],
    [[], ['1'], false],
    [[], null, false],
  ])('%j may open more than %j, for all that is certain without prices: %s', (wanted, has, more) => {
    expect(mayOpenMore(wanted, has)).toBe(more);
  });

  it.each<[readonly string[] | null, readonly string[] | null, boolean, string]>([
    [['49', '4930', '4915'], null, false, 'each costs what a policy without a list lets pass'],
    [['1'], null, false, '1 opens the US and Canada'],
    [['1876'], null, true, 'Jamaica is closed without a list'],
    [['1900'], null, true, 'premium rate is'],
    [['870'], null, true, 'satellites are'],
    [['4930'], ['49'], false, 'a part of the country'],
    [['4930'], ['DE'], false, 'a part of the territory'],
    [['4490'], ['44'], true, 'premium rate within the country'],
    [['4490'], ['GB'], true, 'and within the territory'],
    [['449012'], ['4490'], false, 'a part of the premium range'],
    [['1876'], ['1'], true, 'an island that 1 does not open'],
    [['187655'], ['1876'], false, 'a part of the island'],
    [['44'], ['4420'], true, 'more than a part'],
    [['447'], ['GB'], true, 'the Isle of Man has some of these'],
    [['33'], ['49'], true, 'another country'],
  ])('%j may open more than %j: %s, for %s', (wanted, has, more) => {
    expect(mayOpenMore(wanted, has, destinationOrder(libphonenumberPlan, exampleDecks, nine))).toBe(more);
  });

  it('opens more where its own price lifts the bound above a number that was too dear before', () => {
    const mine: Readonly<Record<string, readonly [string, string]>> = {
      '49': ['DE', '10000'],
      '4915': ['DE', '27000'],
    };
    const orderOf = (more: typeof mine) => destinationOrder(libphonenumberPlan, decksOf({ ...mine, ...more }), nine);
    expect(mayOpenMore(['4915'], ['49'], orderOf({}))).toBe(false);
    expect(mayOpenMore(['4915'], ['49'], orderOf({ '49152': ['DE', '30000'] }))).toBe(false);
    expect(mayOpenMore(['4915'], ['49'], orderOf({ '49152': ['DE', '30001'] }))).toBe(true);
    expect(mayOpenMore(['4915'], null, orderOf({ '49152': ['DE', '80000'] }))).toBe(true);
    expect(mayOpenMore(['4915'], ['49'], orderOf({ '49152': ['DE', '90000'] }))).toBe(false);
    const rows = Array.from(
      { length: quotesFromMax + 1 },
      (_, at) => [`4915${String(at + 10_000)}`, ['DE', '1']] as const,
    );
    expect(mayOpenMore(['4915'], ['49'], orderOf(Object.fromEntries(rows)))).toBe(true);
  });

  it('opens what its entries open, whatever the number: a list within another lets nothing more pass', () => {
    const lists = [
      null,
      ['DE'],
      ['49'],
      ['4915'],
      ['1'],
      ['1900'],
      ['JM'],
      ['1876'],
      ['44', '4490'],
      ['GB'],
      ['870'],
      [],
    ];
    const numbers = [
      ...['+491521234567', '+493023125000', '+14155550100', '+19005550100', '+18765230123', '+442079460123'],
      ...['+449012345678', '+447624123456', '+870773123456', '+17872345678', '+15005550000'],
    ];
    const order = destinationOrder(libphonenumberPlan, exampleDecks, nine);
    for (const has of lists)
      for (const wanted of lists.filter((list) => !mayOpenMore(list, has, order)))
        for (const number of numbers.filter((each) => verdict(each, wanted) === 'passes'))
          expect([wanted, has, number, verdict(number, has)]).toEqual([wanted, has, number, 'passes']);
  });
});
