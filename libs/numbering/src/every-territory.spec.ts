import { beforeAll, describe, expect, it } from '@jest/globals';
import { judgeNumber } from '@ringfence/domain/limits/called-number';
import { e164 } from '@ringfence/domain/limits/numbering-plan';
import { exampleDecks, nine } from '@ringfence/testing/examples';
import { type SampledNumber, sampledNumbers } from '@ringfence/testing/number-samples';
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import { libphonenumberPlan as plan } from './numbering-plan.js';

/** A sampled number with the library's own verdict, which is obtained independently of the plan under test. */
type Sample = SampledNumber & { readonly parsed: PhoneNumber };

const seed = 14;
const ofEachPattern = 95;
/** Building them may take a while beside other work; nothing is measured. */
const buildMsMax = 120_000;
const numbersMin = 100_000;
const prices = { decks: exampleDecks, currency: 'USD', atMs: nine };
const ordinary: ReadonlySet<string | undefined> = new Set(['FIXED_LINE', 'MOBILE', 'FIXED_LINE_OR_MOBILE']);
const costly: ReadonlySet<string | undefined> = new Set(['PREMIUM_RATE', 'SHARED_COST', 'PERSONAL_NUMBER']);
const isPayPerCall = ({ digits }: SampledNumber) => /^1\d{3}976/.test(digits);

let samples: readonly Sample[] = [];
let territories: ReadonlySet<string | undefined> = new Set();

/** Returns why a test key with this policy may not call the number; undefined if it may. */
function faultOf(digits: string, named: readonly string[] | null): string | undefined {
  const { fault } = judgeNumber(`+${digits}`, { named: [named], mode: 'test' }, plan, prices);
  return fault === null ? undefined : `${fault.code} ${fault.reason}`;
}

/** Lists at most ten samples of which the given property holds, with what it says. */
function those(kept: (sample: Sample) => unknown): readonly string[] {
  const found = samples.flatMap((sample) => {
    const classified = kept(sample);
    return classified === undefined
      ? []
      : [`+${sample.digits} ${sample.parsed.country ?? '-'} ${JSON.stringify(classified)}`];
  });
  return found.slice(0, 10);
}

beforeAll(() => {
  samples = [...sampledNumbers(seed, ofEachPattern)].flatMap((sample) => {
    // The form is ours: Austria has numbers of six digits, and Canada's 310 has seven and is reached from within alone.
    const isReachable = e164.test(`+${sample.digits}`) && !(sample.callingCode === '1' && sample.digits.length < 11);
    const parsed = isReachable ? parsePhoneNumberFromString(`+${sample.digits}`) : undefined;
    // If digits of the number are also a trunk prefix, the library treats them as one.
    return parsed?.isValid() === true && parsed.number === `+${sample.digits}` ? [{ ...sample, parsed }] : [];
  });
  territories = new Set(samples.map(({ parsed }) => parsed.country));
}, buildMsMax);

describe('numbers sampled from every territory', () => {
  it('are many, of every territory and of numbers without one', () => {
    expect(samples.length).toBeGreaterThanOrEqual(numbersMin);
    expect(territories.size).toBeGreaterThan(240);
    expect(territories.has(undefined)).toBe(true);
  });

  it('are of the territory that the library says', () => {
    expect(
      those(({ digits, parsed }) => {
        const number = plan.classify(digits, nine);
        if (number.status !== 'known') return number.status;
        return number.territory === (parsed.country ?? null) ? undefined : number.territory;
      }),
    ).toEqual([]);
  });

  it('are of the kind that the library says, or of a costlier one', () => {
    expect(
      those((sample) => {
        const number = plan.classify(sample.digits, nine);
        const type = sample.parsed.getType()?.toLowerCase();
        const kind = number.status === 'known' ? number.kind : number.status;
        if (kind === type || kind === 'satellite' || kind === 'sandbox') return undefined;
        return costly.has(kind.toUpperCase()) ? undefined : `${kind}, not ${String(type)}`;
      }),
    ).toEqual([]);
  });

  it('are let through as ordinary mobiles and landlines where the key names the territory', () => {
    expect(
      those((sample) => {
        const { digits, parsed } = sample;
        if (!ordinary.has(parsed.getType()) || parsed.country === undefined || isPayPerCall(sample)) return undefined;
        return faultOf(digits, [parsed.country]);
      }),
    ).toEqual([]);
  });

  it('never pass as premium, shared-cost or personal numbers where the key names the territory or its country code', () => {
    expect(
      those((sample) => {
        const { digits, parsed, callingCode } = sample;
        const isCostly = costly.has(parsed.getType()) || parsed.country === undefined || isPayPerCall(sample);
        if (!isCostly || digits.startsWith('1500555')) return undefined;
        const policies = [null, [callingCode], ...(parsed.country === undefined ? [] : [[parsed.country]])];
        // A calling code without a territory names numbers that are all alike.
        const open = policies.filter((named) => parsed.country !== undefined || named === null);
        return open.some((named) => faultOf(digits, named) === undefined) ? 'passes' : undefined;
      }),
    ).toEqual([]);
  });

  it('are admitted without a policy, except the islands of +1 and expensive ranges', () => {
    const refused = new Map<string, Set<string>>();
    for (const sample of samples) {
      const { digits, parsed } = sample;
      if (!ordinary.has(parsed.getType()) || parsed.country === undefined || isPayPerCall(sample)) continue;
      const fault = faultOf(digits, null);
      if (fault !== undefined) refused.set(fault, (refused.get(fault) ?? new Set()).add(parsed.country));
    }
    const islands = samples.flatMap(({ callingCode, parsed: { country } }) =>
      callingCode === '1' && country !== undefined && country !== 'US' && country !== 'CA' ? [country] : [],
    );
    expect(Object.fromEntries([...refused].map(([fault, of]) => [fault, [...of].toSorted()]))).toEqual({
      'destination_not_allowed other_territory': [...new Set(islands)].toSorted(),
    });
  });

  it('are refused with a trunk digit behind the country code', () => {
    expect(
      those(({ digits, callingCode }) => {
        const written = `${callingCode}0${digits.slice(callingCode.length)}`;
        if (written.length > 15 || parsePhoneNumberFromString(`+${written}`)?.number === `+${written}`)
          return undefined;
        return faultOf(written, null)?.startsWith('number_') === true ? undefined : `as +${written} passes`;
      }),
    ).toEqual([]);
  });
});
