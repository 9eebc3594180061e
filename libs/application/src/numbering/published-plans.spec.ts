import { describe, expect, it } from '@jest/globals';
import { numberAllowed, numberCalled } from '@ringfence/domain/limits/called-number';
import { exampleDecks, nine } from '@ringfence/testing/examples';
import { publishedNumbers } from '@ringfence/testing/published-numbers';
import { libphonenumberPlan as plan } from './numbering-plan.js';

const numbersMin = 200;
const prices = { decks: exampleDecks, currency: 'USD', atMs: nine };

function faultOf(clear: string, named: readonly string[] | null): string | null {
  const called = numberCalled(clear, plan, nine);
  const allowed = 'fault' in called ? called : numberAllowed(called, { named: [named], mode: 'test' }, plan, prices);
  return 'fault' in allowed ? allowed.fault.reason : null;
}

const written = publishedNumbers.flatMap(({ source, territory, use, numbers }) =>
  numbers.map((number) => ({ source, territory, use, number: `+${number.replaceAll(' ', '')}` })),
);

describe('numbers of published numbering plans', () => {
  it('are at least two hundred, each once', () => {
    expect(new Set(written.map(({ number }) => number)).size).toBe(written.length);
    expect(written.length).toBeGreaterThanOrEqual(numbersMin);
  });

  it.each(written)('$number ($territory) is $use: $source', ({ number, territory, use }) => {
    const faults = [faultOf(number, null), ...(territory === null ? [] : [faultOf(number, [territory])])];
    const isIsland = territory === 'PR';
    const costly = /^(costly_kind|no_territory|unknown_range)$/;
    if (use === 'costly') expect(faults.filter((fault) => fault === null || !costly.test(fault))).toEqual([]);
    else if (use === 'fiction') expect(faults).toEqual(['unknown_range', 'unknown_range']);
    else expect(faults).toEqual([isIsland ? 'other_territory' : null, null]);
  });
});
