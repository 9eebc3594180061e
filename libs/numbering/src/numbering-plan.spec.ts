import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { secondaryTerritories } from '@ringfence/domain/limits/destinations';
import type { NumberClass } from '@ringfence/domain/limits/numbering-plan';
import { epochMs } from '@ringfence/kernel/units';
import metadata from 'libphonenumber-js/metadata.max';
import { isKnownPatternForm, numberingDataVersion, packageVersion } from './numbering-data.js';
import { libphonenumberPlan as plan } from './numbering-plan.js';

const now = epochMs(1_790_000_000_000);
const words = (number: NumberClass) =>
  number.status === 'known'
    ? `${number.territory ?? '-'} ${number.kind}`
    : number.status === 'invalid'
      ? number.fault
      : 'unknown';

describe('the numbering plans', () => {
  it.each([
    ['14155550100', 'US fixed_line_or_mobile', 'fixed line or mobile: undecidable'],
    ['14165550100', 'CA fixed_line_or_mobile', 'Toronto, under the same country code'],
    ['18765230123', 'JM fixed_line_or_mobile', 'an island of +1 has a territory of its own'],
    ['819012345678', 'JP mobile', 'the commonest mobile range of Japan'],
    ['81990123456', 'JP premium_rate', 'Dial Q2'],
    ['81570123456', 'JP uan', 'Navi Dial'],
    ['861016812345', 'CN fixed_line', 'Beijing'],
    ['447012345678', 'GB personal_number', '070 looks like a mobile'],
    ['447624123456', 'IM mobile', 'the Isle of Man under +44'],
    ['449012345678', 'GB premium_rate', '090'],
    ['390612345678', 'IT fixed_line', 'the zero of Rome belongs to the number'],
    ['77012345678', 'KZ mobile', 'Kazakhstan under +7'],
    ['79161234567', 'RU mobile', 'Russia under +7'],
    ['12129761234', 'US premium_rate', 'the exchange 976 is pay-per-call'],
    ['15005550000', 'US sandbox', 'the sandbox range'],
    ['15002345678', 'US personal_number', 'the rest of 500'],
    ['870773123456', '- satellite', 'Inmarsat'],
    ['8816123456789', '- satellite', 'Iridium'],
    ['883510001234567', '- voip', 'an international network'],
    ['979123456789', '- premium_rate', 'international premium rate'],
    ['80012345678', '- toll_free', 'international freephone'],
    ['15655550123', 'unknown', 'an area code that is not in service yet'],
    ['16795550123', 'US fixed_line_or_mobile', 'an area code that the package does not have'],
    ['16002345678', 'CA premium_rate', 'tariffed services of Canada, voice over IP to the package'],
    ['499002123456', 'DE premium_rate', 'a tariff of 0900 that the package does not have'],
    ['99112345678', 'unknown', 'a country code that nobody has'],
    ['39612345678', 'unknown', 'Rome without its zero'],
    ['4409012345678', 'trunk_digits', 'a trunk 0 behind +44'],
    ['4909001234567', 'trunk_digits', 'a trunk 0 behind +49'],
    ['440207946000', 'unknown', 'a digit short behind a trunk 0'],
    ['13101234', 'length', 'a number of seven digits that Canada has within'],
    ['4402079460000', 'trunk_digits', 'London with its trunk 0'],
    ['112125550100', 'trunk_digits', 'a trunk 1 behind +1'],
    ['15550000', 'length', 'seven digits in +1'],
    ['1212555000099', 'length', 'twelve digits in +1'],
    ['150055500000', 'length', 'the sandbox range with a digit too many'],
  ])('say of %s: %s, %s', (digits, classified) => {
    expect(words(plan.classify(digits, now))).toBe(classified);
  });

  it('are those of the package that is pinned, and events record its version', () => {
    const root = new URL('../../../', import.meta.url);
    const { dependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(packageVersion).toBe(`libphonenumber-js-${dependencies['libphonenumber-js'] ?? ''}`);
    expect(numberingDataVersion).toMatch(new RegExp(`^${packageVersion}-corrected-\\d{4}-\\d{2}-\\d{2}$`));
    expect(plan.version).toMatch(/^[a-z0-9][a-z0-9._-]{0,62}$/);
  });

  it('are written in patterns whose beginnings can be determined', () => {
    const plans = [...Object.values(metadata.countries), ...Object.values(metadata.nonGeographic)] as unknown[][];
    const patterns = plans.flatMap((each) =>
      ((each[11] ?? []) as ([string] | 0)[]).flatMap((type) => (type === 0 ? [] : [type[0]])),
    );
    expect(patterns.length).toBeGreaterThan(800);
    expect(patterns.filter((pattern) => pattern !== '' && !isKnownPatternForm(pattern))).toEqual([]);
  });
});

describe('the territories of +1', () => {
  it('are the US, Canada and those that the domain keeps apart', () => {
    const apart = plan.territoriesOf('1').filter((territory) => territory !== 'US' && territory !== 'CA');
    expect(apart.toSorted()).toEqual([...secondaryTerritories].toSorted());
  });
});

describe('digits that a policy names', () => {
  it.each([
    ['1', false],
    ['1900', true],
    ['190055', true],
    ['1212', false],
    ['1212976', true],
    ['44', false],
    ['449', true],
    ['4490', true],
    ['4470', true],
    ['447', false],
    ['8190', false],
    ['81990', true],
    ['8199', false],
    ['870', true],
    ['88', false],
    ['979', true],
    ['1565', false],
    ['1600', true],
    ['49900', true],
    ['999', false],
  ])('%s lead to costly numbers alone: %s', (prefix, isCostlyOnly) => {
    expect(plan.costlyOnly(prefix)).toBe(isCostlyOnly);
  });

  it('lead to territories', () => {
    expect(plan.territoriesOf('1')).toEqual(expect.arrayContaining(['US', 'CA', 'JM', 'PR']));
    expect(plan.territoriesOf('1876')).toEqual(['JM']);
    expect(plan.territoriesOf('7').toSorted()).toEqual(['KZ', 'RU']);
    expect(plan.territoriesOf('77')).toContain('KZ');
    expect(plan.territoriesOf('4').length).toBeGreaterThan(12);
    expect(plan.territoriesOf('870')).toEqual([]);
    expect([plan.isTerritory('GB'), plan.isTerritory('UK'), plan.isTerritory('ZZ')]).toEqual([true, false, false]);
  });
});
