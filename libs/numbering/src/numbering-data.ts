import type { NumberKind } from '@ringfence/domain/limits/numbering-plan';
import { invariant } from '@ringfence/kernel/invariant';
import metadata from 'libphonenumber-js/metadata.max';
import { correctedOn, planCorrections } from './plan-corrections.js';

/** Name and version of the package below. A spec compares it with the installed one. */
export const packageVersion = 'libphonenumber-js-1.13.16';
/** Name and version of the data, as events record it: the package's, and the date of the corrections. */
export const numberingDataVersion = `${packageVersion}-corrected-${correctedOn}`;

/** National numbers of one kind in one territory. */
export type KindRange = {
  readonly kind: NumberKind;
  /** Possible lengths of this kind; null: those of the territory. */
  readonly lengths: ReadonlySet<number> | null;
  readonly pattern: string;
  readonly whole: RegExp;
  /** Matches every prefix of a number that `whole` matches. */
  readonly beginning: RegExp;
};
export type TerritoryPlan = {
  /** null: the calling code belongs to no territory. */
  readonly territory: string | null;
  /** Matches the prefixes of national numbers that belong to this territory, if several share the calling code. */
  readonly leading: RegExp | null;
  readonly general: RegExp;
  /** Ranges in the order of matching: costly ones first. */
  readonly ranges: readonly KindRange[];
};
export type CallingCodePlan = {
  readonly callingCode: string;
  /** Possible lengths of national numbers: the main territory's, which are those of the whole calling code. */
  readonly lengths: ReadonlySet<number>;
  /** The main territory first. */
  readonly territories: readonly TerritoryPlan[];
};

/** Indexes within a territory's array, by the package's METADATA.md. */
const place = { callingCode: 0, general: 2, lengths: 3, leading: 10, types: 11 } as const;
/** Indexes of the kinds within the territory's types, in the order of matching. */
const kindPlaces: readonly (readonly [NumberKind, number])[] = [
  ['premium_rate', 3],
  ['shared_cost', 9],
  ['personal_number', 4],
  ['toll_free', 2],
  ['voip', 8],
  ['pager', 7],
  ['uan', 6],
  ['voicemail', 5],
];
const fixedLinePlace = 0;
const mobilePlace = 1;

/** The full metadata of libphonenumber-js, compiled: by calling code. */
export function readNumberingData(): ReadonlyMap<string, CallingCodePlan> {
  const plans = new Map<string, CallingCodePlan>();
  for (const [callingCode, territories] of Object.entries(metadata.country_calling_codes)) {
    const each = territories.map((territory) => [territory, listIn(metadata.countries[territory])] as const);
    plans.set(callingCode, planOf(callingCode, each));
  }
  for (const [callingCode, plan] of Object.entries(metadata.nonGeographic))
    plans.set(callingCode, planOf(callingCode, [[null, listIn(plan)]]));
  return plans;
}

type Territories = readonly (readonly [string | null, readonly unknown[]])[];

function planOf(callingCode: string, territories: Territories): CallingCodePlan {
  const [[, main] = [null, []]] = territories;
  return {
    callingCode,
    lengths: new Set(lengthsIn(main[place.lengths])),
    territories: territories.map(([territory, plan]) => {
      invariant(plan[place.callingCode] === callingCode, 'the metadata is in the form that its version has');
      const leading = plan[place.leading];
      return {
        territory,
        leading: typeof leading === 'string' ? new RegExp(`^(?:${leading})`) : null,
        general: entirely(textIn(plan[place.general])),
        ranges: corrected(territory, rangesIn(plan[place.types])),
      };
    }),
  };
}

function rangesIn(types: unknown): readonly KindRange[] {
  if (!isList(types)) return [];
  const ranges = kindPlaces.flatMap(([kind, at]) => rangeOf(kind, types[at]));
  const fixedLine = rangeOf('fixed_line', types[fixedLinePlace]);
  const mobile = types[mobilePlace];
  // No pattern, or an empty one, which means the pattern of fixed lines: the two kinds cannot be distinguished.
  if (!isList(mobile) || mobile[0] === '')
    return [...ranges, ...fixedLine.map((range) => ({ ...range, kind: 'fixed_line_or_mobile' as const }))];
  return [...ranges, ...fixedLine, ...rangeOf('mobile', mobile)];
}

function rangeOf(kind: NumberKind, type: unknown): readonly KindRange[] {
  if (!isList(type)) return [];
  const pattern = textIn(type[0]);
  const lengths = lengthsIn(type[1]);
  return [kindRange(kind, pattern, lengths === undefined ? null : new Set(lengths))];
}

function kindRange(kind: NumberKind, pattern: string, lengths: KindRange['lengths']): KindRange {
  return { kind, lengths, pattern, whole: entirely(pattern), beginning: entirely(beginningOf(pattern)) };
}

/** Puts the territory's corrections before its ranges, so that a number is matched against them first. */
function corrected(territory: string | null, ranges: readonly KindRange[]): readonly KindRange[] {
  const corrections = planCorrections.filter((correction) => correction.territory === territory);
  const replaced = new Set(corrections.map(({ pattern }) => pattern));
  return [
    ...corrections.map(({ kind, pattern }) => kindRange(kind, pattern, null)),
    ...ranges.filter(({ pattern }) => !replaced.has(pattern)),
  ];
}

/** Digits, classes of digits, groups, alternatives and counts: no pattern of the data contains anything else. */
const patternForm = /^(?:\\d|\d|\[[\d-]+\]|\{\d+(?:,\d+)?\}|\(\?:|\)|\||\?)+$/;
const oneDigit = /\{[\d,]+\}|\\d|\[[\d-]+\]|\d/g;

/**
 * Builds the pattern of everything that a match of `pattern` may begin with: the text may also end after each digit.
 */
function beginningOf(pattern: string): string {
  return pattern.replaceAll(oneDigit, (token) => (token.startsWith('{') ? token : `(?:${token}|$)`));
}

function entirely(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function textIn(value: unknown): string {
  invariant(typeof value === 'string', 'the metadata is in the form that its version has');
  return value;
}

function listIn(value: unknown): readonly unknown[] {
  invariant(isList(value), 'the metadata is in the form that its version has');
  return value;
}

function lengthsIn(value: unknown): readonly number[] | undefined {
  return isList(value) ? value.filter((length) => typeof length === 'number') : undefined;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Says whether `beginningOf` understands the pattern; for the spec that checks every pattern of the data. */
export function isKnownPatternForm(pattern: string): boolean {
  return patternForm.test(pattern);
}
