import { describe, expect, it } from '@jest/globals';
import { modes } from '@ringfence/domain/shared/values';
import fc from 'fast-check';
import { keySecretPattern, mintSecret, parseSecret, secretHintOf } from './key-secret.js';

const base62 = Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');

describe.each(modes)('a secret for mode %s', (mode) => {
  it('is read back with its mode, and is what the published pattern finds', () => {
    const secret = mintSecret(mode);
    expect(secret.text).toMatch(new RegExp(`^rf_${mode}_[0-9A-Za-z]{36}$`));
    expect(parseSecret(secret.text)).toEqual({ mode, text: secret.text });
    expect(`key=${secret.text};`.match(new RegExp(keySecretPattern))?.[0]).toBe(secret.text);
    expect(secret.text.endsWith(secretHintOf(secret))).toBe(true);
  });

  it('is refused with any one character changed, left out, doubled or added, or two neighbours swapped', () => {
    const { text } = mintSecret(mode);
    const letters = [...base62, '_', '-', ' ', 'é', '\0'];
    for (let at = 0; at < text.length; at += 1) {
      const [before, here, after] = [text.slice(0, at), text.charAt(at), text.slice(at + 1)];
      const changed = letters.filter((letter) => letter !== here).map((letter) => before + letter + after);
      const swapped = before + after.charAt(0) + here + after.slice(1);
      const wrong = [
        ...changed,
        before + after,
        before + here + here + after,
        before,
        ...(swapped === text ? [] : [swapped]),
      ];
      expect(wrong.filter((each) => parseSecret(each) !== undefined)).toEqual([]);
    }
  });

  it('is refused as the secret of the other mode', () => {
    const { text } = mintSecret(mode);
    expect(parseSecret(text.replace(mode, mode === 'live' ? 'test' : 'live'))).toBeUndefined();
  });
});

describe('secrets', () => {
  it('are distinguished from any other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^rf_(live|test)_[0-9A-Za-z]{36}$/)), (text) => {
        expect(parseSecret(text)).toBeUndefined();
      }),
    );
    expect(parseSecret(` ${mintSecret('live').text}`)).toBeUndefined();
    expect(parseSecret(`${mintSecret('live').text}\n`)).toBeUndefined();
  });

  it('use every character of the alphabet about equally often, at every place', () => {
    const made = 6_200;
    const counts = new Map<string, number>();
    for (let each = 0; each < made; each += 1) {
      for (const letter of mintSecret('test').text.slice(8, 38)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const expected = (made * 30) / base62.length;
    const chiSquared = base62.reduce((sum, letter) => sum + ((counts.get(letter) ?? 0) - expected) ** 2 / expected, 0);
    // 61 degrees of freedom: an even source passes 130 once in a million runs; a modulo bias of 256 % 62 would come to
    // thousands.
    expect(chiSquared).toBeLessThan(130);
  });
});
