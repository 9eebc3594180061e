import { describe, expect, it } from '@jest/globals';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { micros } from '@ringfence/kernel/units';
import { examplePolicy, sealedExample } from '@ringfence/testing/examples';
import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { policyHashOf } from './policy-hash.js';

const policy: KeyPolicy = {
  ...examplePolicy,
  dailySpendMicrosMax: micros(5_000_000n),
  callerNumbers: [sealedExample('+15005550001')],
};

describe('the hash of a policy', () => {
  it('is what anybody can compute from the policy in the event', () => {
    const written = canonicalize({ ...policy, dailySpendMicrosMax: '5000000' });
    expect(policyHashOf(policy)).toBe(createHash('sha256').update(String(written)).digest('hex'));
  });

  it('does not depend on the order in which a policy was written down', () => {
    const reversed = Object.fromEntries(Object.entries(policy).reverse()) as KeyPolicy;
    expect(policyHashOf(reversed)).toBe(policyHashOf(policy));
  });

  it.each([
    { linesMax: 21 },
    { callerNumbers: null },
    { callerNumbers: [] },
    { dailySpendMicrosMax: micros(5_000_001n) },
  ])('is another for %o', (change) => {
    expect(policyHashOf({ ...policy, ...change })).not.toBe(policyHashOf(policy));
  });

  it('is not made of a policy that the log could not hold', () => {
    expect(() => policyHashOf({ ...policy, project: 'Not a label' })).toThrow('policy.project must be a label');
  });
});
