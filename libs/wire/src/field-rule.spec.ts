import { describe, expect, it } from '@jest/globals';
import { amountMicros, singleLine } from './field-rule.js';

const rule = singleLine(60);
const takes = (text: string) => rule.isValid(text);

describe('a line of text', () => {
  it.each([['Zürich, 東京, القاهرة, नई दिल्ली'], ['می‌خواهم'], ['family 👨‍👩‍👧 ❤️'], ['葛󠄀']])(
    'takes what people write: %s',
    (text) => {
      expect(takes(text)).toBe(true);
    },
  );

  it.each([
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
    '\u200e',
    '\u200f',
    '\u061c',
    '\u00ad',
    '\u034f',
    '\u115f',
    '\u1160',
    '\u17b4',
    '\u17b5',
    '\u180e',
    '\u200b',
    '\u2060',
    '\u2061',
    '\u2064',
    '\u206a',
    '\u206f',
    '\u3164',
    '\ufeff',
    '\uffa0',
    '\ufff9',
    '\u{e0001}',
    '\u{e0041}',
    '\u0000',
    '\u0007',
    '\u0085',
    '\u2028',
    '\u2029',
    '\ud800',
  ])('refuses what is invisible or turns text round: %j', (character) => {
    expect(takes(`pay${character}roll`)).toBe(false);
  });
});

describe('an amount of money', () => {
  it.each(['0', '1', '9'.repeat(18)])('is taken: %s', (amount) => {
    expect(amountMicros.isValid(amount)).toBe(true);
  });

  it.each(['', '01', '1.0', '-1', '1e3', '9'.repeat(19), 5])('is refused: %j, and its bounds are said', (amount) => {
    expect(amountMicros.isValid(amount)).toBe(false);
    expect(amountMicros.expectation).toBe(
      'is a string of 1 to 18 digits without a leading 0: millionths of one unit of the currency',
    );
  });
});
