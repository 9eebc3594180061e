import {
  isCostlyKind,
  type NumberClass,
  type NumberingPlan,
  type NumberKind,
} from '@ringfence/domain/limits/numbering-plan';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { LRUCache } from 'lru-cache';
import {
  type CallingCodePlan,
  type KindRange,
  numberingDataVersion,
  readNumberingData,
  type TerritoryPlan,
} from './numbering-data.js';

/** Ranges that the data lacks or names differently. */
const ownTable = {
  /** The range of the sandbox: magic numbers that no carrier reaches. */
  sandbox: { prefix: '1500555', length: 11, territory: 'US' },
  /** Exchange 976 of every area of +1 is pay-per-call; the data has it as an ordinary line. */
  payPerCall: /^1\d{3}976/,
  /** Calling codes of satellite networks; the data has their numbers as mobiles. */
  satellite: new Set(['870', '881']),
} as const;
const callingCodeDigitsMax = 3;
/** The most policy prefixes whose meaning is cached; others are computed each time. */
const prefixesKeptMax = 4_096;

type PrefixFacts = { readonly costlyOnly: boolean; readonly territories: readonly string[] };

/** The world's numbering plans according to libphonenumber-js, with the platform's own table. */
class LibphonenumberPlan implements NumberingPlan {
  readonly version = numberingDataVersion;
  readonly #codes = readNumberingData();
  readonly #territories = new Set(
    [...this.#codes.values()].flatMap(({ territories }) => territories.map(({ territory }) => territory)),
  );
  readonly #prefixes = new LRUCache<string, PrefixFacts>({ max: prefixesKeptMax });

  classify(digits: string): NumberClass {
    const { sandbox } = ownTable;
    if (digits.startsWith(sandbox.prefix) && digits.length === sandbox.length)
      return known(sandbox.territory, 'sandbox', '1');
    const code = this.#codeOf(digits);
    if (code === undefined) return { status: 'unknown', callingCode: null };
    const { callingCode, lengths } = code;
    const national = digits.slice(callingCode.length);
    // Canada's 310 numbers have seven digits and cannot be reached from abroad.
    const plan = lengths.has(national.length) ? territoryOf(code, national) : undefined;
    const kind = plan === undefined ? undefined : kindIn(plan, national);
    if (plan === undefined || kind === undefined) return unmatched(digits, code, national);
    if (ownTable.satellite.has(callingCode)) return known(plan.territory, 'satellite', callingCode);
    return known(plan.territory, ownTable.payPerCall.test(digits) ? 'premium_rate' : kind, callingCode);
  }

  costlyOnly(prefix: string): boolean {
    return this.#factsOf(prefix).costlyOnly;
  }

  territoriesOf(prefix: string): readonly string[] {
    return this.#factsOf(prefix).territories;
  }

  isTerritory(code: string): boolean {
    return this.#territories.has(code);
  }

  #factsOf(prefix: string): PrefixFacts {
    const kept = this.#prefixes.get(prefix);
    if (kept !== undefined) return kept;
    const facts = { costlyOnly: this.#isCostlyOnly(prefix), territories: this.#territoriesOf(prefix) };
    this.#prefixes.set(prefix, facts);
    return facts;
  }

  #isCostlyOnly(prefix: string): boolean {
    const code = this.#codeOf(prefix);
    if (code === undefined) return false;
    if (ownTable.payPerCall.test(prefix)) return true;
    const national = prefix.slice(code.callingCode.length);
    const reached = code.territories.flatMap((plan) =>
      plan.ranges.filter((range) => range.beginning.test(national)).map(({ kind }) => ({ ...plan, kind })),
    );
    return reached.length > 0 && reached.every(({ territory, kind }) => territory === null || isCostlyKind(kind));
  }

  #territoriesOf(prefix: string): readonly string[] {
    const plans = [...this.#codes.values()].flatMap(({ callingCode, territories }) => {
      if (callingCode.startsWith(prefix)) return territories;
      if (!prefix.startsWith(callingCode)) return [];
      const national = prefix.slice(callingCode.length);
      return territories.filter(({ ranges }) => ranges.some(({ beginning }) => beginning.test(national)));
    });
    return plans.flatMap(({ territory }) => territory ?? []);
  }

  /** Finds the calling code of a number; none is a prefix of another. */
  #codeOf(digits: string): CallingCodePlan | undefined {
    for (let length = 1; length <= callingCodeDigitsMax; length += 1) {
      const code = this.#codes.get(digits.slice(0, length));
      if (code !== undefined) return code;
    }
    return undefined;
  }
}

/** The plan of the process, which keeps the compiled data. */
export const libphonenumberPlan: NumberingPlan = new LibphonenumberPlan();

function known(territory: string | null, kind: NumberKind, callingCode: string): NumberClass {
  return { status: 'known', territory, kind, callingCode, openedRange: null };
}

function territoryOf({ territories }: CallingCodePlan, national: string): TerritoryPlan | undefined {
  if (territories.length === 1) return territories[0];
  return territories.find((plan) =>
    plan.leading === null ? kindIn(plan, national) !== undefined : plan.leading.test(national),
  );
}

function kindIn({ general, ranges }: TerritoryPlan, national: string): NumberKind | undefined {
  if (!general.test(national)) return undefined;
  const found = ranges.find((range) => holds(range, national));
  if (found?.kind !== 'fixed_line') return found?.kind;
  const mobile = ranges.some((range) => range.kind === 'mobile' && holds(range, national));
  return mobile ? 'fixed_line_or_mobile' : 'fixed_line';
}

function holds({ lengths, whole }: KindRange, national: string): boolean {
  return (lengths === null || lengths.has(national.length)) && whole.test(national);
}

/**
 * Classifies a number that no range matches. The library reads digits that are dialled only within the country, and
 * drops them: a number that it changes is not in E.164.
 */
function unmatched(digits: string, { callingCode, lengths }: CallingCodePlan, national: string): NumberClass {
  const parsed = parsePhoneNumberFromString(`+${digits}`);
  const isPossible = lengths.has(national.length);
  if (parsed !== undefined && parsed.number !== `+${digits}` && (parsed.isValid() || !isPossible))
    return { status: 'invalid', fault: 'trunk_digits' };
  return isPossible ? { status: 'unknown', callingCode } : { status: 'invalid', fault: 'length' };
}
