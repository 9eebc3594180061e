import { describe, expect, it } from '@jest/globals';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { micros } from '@ringfence/kernel/units';
import { examplePolicy } from '@ringfence/testing/examples';
import { policyOf, policyText } from './policy-text.js';

const uncapped: KeyPolicy = { ...examplePolicy, callsMax: null, minutesMax: null, spendMicrosMax: null };
const caps = ['callsMax', 'minutesMax', 'spendMicrosMax'];
const capsIn = (text: string) => caps.filter((name) => name in (JSON.parse(text) as object));

describe('a policy in a row', () => {
  it('without life-long caps names none, so that the release before reads it', () => {
    expect(capsIn(policyText(uncapped))).toEqual([]);
    expect(policyOf(policyText(uncapped))).toEqual(uncapped);
  });

  it.each([{ callsMax: 3 }, { minutesMax: 3 }, { spendMicrosMax: micros(3n) }])('with %o names all', (cap) => {
    const policy = { ...uncapped, ...cap };
    expect(capsIn(policyText(policy))).toEqual(caps);
    expect(policyOf(policyText(policy))).toEqual(policy);
  });
});
