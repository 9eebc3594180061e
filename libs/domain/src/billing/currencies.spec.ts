import { describe, expect, it } from '@jest/globals';
import { currencyCodes, isCurrency } from './currencies.js';

describe('currencies', () => {
  it('are codes that the runtime has a name for, each once', () => {
    const named = new Intl.DisplayNames('en', { type: 'currency', fallback: 'none' });
    expect(currencyCodes.filter((code) => !/^[A-Z]{3}$/.test(code) || named.of(code) === undefined)).toEqual([]);
    expect(new Set(currencyCodes).size).toBe(currencyCodes.length);
  });

  it('are all in use: none that was replaced, no metal, no fund, and neither the code for tests nor that for none', () => {
    for (const code of ['USD', 'EUR', 'JPY', 'KWD', 'XCG', 'ZWG', 'SLE'])
      expect([code, isCurrency(code)]).toEqual([code, true]);
    for (const code of [
      'DEM',
      'HRK',
      'ANG',
      'ZWL',
      'SLL',
      'BGN',
      'XAU',
      'XDR',
      'CHE',
      'XTS',
      'X'.repeat(3),
      'AAA',
      'usd',
      '',
    ])
      expect([code, isCurrency(code)]).toEqual([code, false]);
  });
});
