import { describe, expect, it } from '@jest/globals';
import { examplePolicy, exampleUnbounded, nine, exampleOpened, exampleOrder } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { addDuration, durationMs, micros } from '@ringfence/kernel/units';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { reachesBeyond } from '@ringfence/domain/keys/policy-bounds';
import fc from 'fast-check';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { newPolicy, type PolicyBody } from './new-policy.js';

const vault = new InMemorySubjectVault(new PredictableIds());
const body: PolicyBody = { scopes: ['calls:read'] };
const policyOf = (given: PolicyBody, ...makers: readonly KeyPolicy[]) =>
  newPolicy({ ...body, ...given }, vault, exampleOpened.accountId, makers);
const at = (ms: number) => addDuration(nine, durationMs(ms));

describe('the policy of a new key', () => {
  it('has defaults for what was not said, when it is issued without bounds', async () => {
    const policy = await policyOf({});
    expect(policy).toMatchObject({
      callsPerSecond: 10,
      burstCalls: 10,
      linesMax: 10,
      callsMax: null,
      expiresAtMs: null,
    });
    expect(await policyOf({}, { ...examplePolicy, ...exampleUnbounded })).toEqual(policy);
    expect(await policyOf({ calls_per_second: 3 })).toMatchObject({ callsPerSecond: 3, burstCalls: 3 });
  });

  it('has what was said, though it go beyond what its maker has: that is for the lane to refuse', async () => {
    const given = { lines_max: 50, daily_spend_micros_max: null, calls_max: 9, minutes_max: 8, spend_micros_max: '7' };
    expect(await policyOf(given, { ...examplePolicy, linesMax: 2, dailySpendMicrosMax: micros(5n) })).toMatchObject({
      linesMax: 50,
      dailySpendMicrosMax: null,
      callsMax: 9,
      minutesMax: 8,
      spendMicrosMax: 7n,
    });
  });

  it('stays within each of its makers where nothing was said', async () => {
    const few = fc.constantFrom(null, 1, 2);
    const amounts = fc.constantFrom(null, micros(1n), micros(2n));
    const anyMaker = fc
      .record({
        callsPerSecond: fc.constantFrom(1, 5, 10_000),
        burstCalls: fc.constantFrom(1, 5, 10_000),
        linesMax: fc.constantFrom(0, 5, 100_000),
        dailySpendMicrosMax: amounts,
        expiresAtMs: fc.constantFrom(null, at(1), at(2)),
        destinationPrefixes: fc.constantFrom(null, ['49']),
        sourceCidrs: fc.constantFrom(null, ['10.0.0.0/8']),
        callsMax: few,
        minutesMax: few,
        spendMicrosMax: amounts,
      })
      .map((some): KeyPolicy => ({ ...examplePolicy, ...some }));
    await fc.assert(
      fc.asyncProperty(fc.array(anyMaker, { minLength: 1, maxLength: 3 }), async (makers) => {
        const policy = await policyOf({}, ...makers);
        for (const maker of makers) expect(reachesBeyond(policy, maker, exampleOrder)).toEqual([]);
      }),
    );
  });
});
