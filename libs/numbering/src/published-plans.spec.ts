import { describe, expect, it } from '@jest/globals';
import { judgeNumber } from '@ringfence/domain/limits/called-number';
import { secondaryTerritories } from '@ringfence/domain/limits/destinations';
import { exampleDecks, nine } from '@ringfence/testing/examples';
import { areaCodesInService, areaCodesSource } from '@ringfence/testing/published-area-codes';
import { publishedNumbers } from '@ringfence/testing/published-numbers';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { libphonenumberPlan as plan } from './numbering-plan.js';
import { planCorrections } from './plan-corrections.js';

const numbersMin = 200;
const prices = { decks: exampleDecks, currency: 'USD', atMs: nine };

function faultOf(clear: string, named: readonly string[] | null): string | null {
  return judgeNumber(clear, { named: [named], mode: 'test' }, plan, prices).fault?.reason ?? null;
}

const written = publishedNumbers.flatMap(({ source, territory, use, numbers }) =>
  numbers.map((number) => ({ source, territory, use, number: `+${number.replaceAll(' ', '')}` })),
);
const costly = /^(costly_kind|no_territory|unknown_range)$/;

describe('numbers of published numbering plans', () => {
  it('are at least two hundred beside those of area codes, each once and with the page where it was read', () => {
    expect(new Set(written.map(({ number }) => number)).size).toBe(written.length);
    expect(written.filter(({ source }) => source !== areaCodesSource).length).toBeGreaterThanOrEqual(numbersMin);
    expect(written.filter(({ source }) => !/https?:\/\/|github\.com\//.test(source))).toEqual([]);
  });

  it.each(written)('$number ($territory) is $use: $source', ({ number, territory, use }) => {
    const faults = [faultOf(number, null), ...(territory === null ? [] : [faultOf(number, [territory])])];
    if (use === 'costly') expect(faults.filter((fault) => fault === null || !costly.test(fault))).toEqual([]);
    else expect(new Set(faults)).toEqual(new Set([use === 'closed' ? 'unknown_range' : null]));
  });
});

describe('area codes that NANPA publishes', () => {
  const codes = Object.entries(areaCodesInService).flatMap(([territory, each]) =>
    each.map((code) => ({ territory, prefix: `1${code}` })),
  );

  it('lead to the territory that they are published for, and to no other', () => {
    expect(codes.length).toBeGreaterThan(450);
    const others = codes.filter(({ territory, prefix }) => plan.territoriesOf(prefix).join() !== territory);
    // Canada's numbers of seven digits begin with 310 too, and are reached from within alone.
    expect(others).toEqual([{ territory: 'US', prefix: '1310' }]);
  });

  it('have a price of their own territory in the first deck', () => {
    const wrong = codes.filter(
      ({ territory, prefix }) => exampleDecks.quote(`${prefix}5550123`, 'USD', nine)?.country !== territory,
    );
    expect(wrong).toEqual([]);
    expect(
      Object.keys(areaCodesInService)
        .filter((territory) => secondaryTerritories.has(territory))
        .sort(),
    ).toEqual([...secondaryTerritories].sort());
  });
});

describe('a correction of the numbering data', () => {
  it.each(planCorrections)('is needed still: $territory $pattern is $kind', ({ territory, pattern, kind }) => {
    // One number of the pattern: the first alternative, the least digit of a class, as many digits as are wanted.
    const national = pattern
      .replace(/\(\?:(\d+)[^)]*\)/, '$1')
      .replaceAll(/\[(\d)[\d-]*\]/g, '$1')
      .replaceAll(/\\d\{(\d+)\}/g, (_all, count) => '0'.repeat(Number(count)));
    const digits = `${territory === 'DE' ? '49' : '1'}${national}`;
    expect(plan.classify(digits, nine)).toMatchObject({ status: 'known', territory, kind });
    const parsed = parsePhoneNumberFromString(`+${digits}`);
    expect(parsed?.isValid() === true && parsed.getType()?.toLowerCase() === kind).toBe(false);
  });
});
