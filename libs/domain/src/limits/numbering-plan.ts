import type { EpochMs } from '@ringfence/kernel/units';

/** Kinds of numbers: those of the numbering data, and the platform's own `satellite` and `sandbox`. */
export const numberKinds = [
  'fixed_line',
  'mobile',
  'fixed_line_or_mobile',
  'toll_free',
  'voip',
  'pager',
  'uan',
  'voicemail',
  'premium_rate',
  'shared_cost',
  'personal_number',
  'satellite',
  'sandbox',
] as const;
export type NumberKind = (typeof numberKinds)[number];

/** A number in E.164: `+`, country code, subscriber number; 7 to 15 digits. */
export const e164 = /^\+[1-9]\d{6,14}$/;
/** A territory, as policies name it: ISO 3166-1 alpha-2. */
export const territoryPattern = /^[A-Z]{2}$/;
/**
 * An entry of a policy's destinations: a territory, or leading digits. Policies are recorded in clear and cannot be
 * erased from the log, so an entry with a `+` has too few digits to be a person's number.
 */
export const destinationPattern = /^(?:[A-Z]{2}|\+\d{1,7}|\d{1,15})$/;
export const destinationWords = 'a territory such as US, or a prefix: 1 to 15 digits, or + and 1 to 7 digits';

/** A number in a range that the numbering data knows or an operator has opened. */
export type KnownNumber = {
  readonly status: 'known';
  /** ISO 3166-1 alpha-2, or AC, TA, XK; null: the number belongs to no territory. */
  readonly territory: string | null;
  readonly kind: NumberKind;
  /** null: unknown to the data. */
  readonly callingCode: string | null;
  /** The prefix of the range that an operator has opened; null: the data knows the number. */
  readonly openedRange: string | null;
};

export type NumberClass =
  | KnownNumber
  /** A number of a possible length that is in no range of the data. */
  | { readonly status: 'unknown'; readonly callingCode: string | null }
  /**
   * A number that no plan allows: its country code is followed by digits dialled only within the country, or its
   * length is impossible.
   */
  | { readonly status: 'invalid'; readonly fault: 'trunk_digits' | 'length' };

/** The numbering plans of all territories, in one version; a pure look-up. Digits are without `+`. */
export interface NumberingPlan {
  /**
   * Name and version of the data, as recorded in events: a label such as
   * `libphonenumber-js-1.13.16-corrected-2026-11-29`.
   */
  readonly version: string;
  /** @param digits of a number in E.164 */
  classify(digits: string, atMs: EpochMs): NumberClass;
  /**
   * Says whether known numbers begin with these digits and all of them are of a costly kind or belong to no
   * territory.
   */
  costlyOnly(prefix: string): boolean;
  /** The territories with known numbers that may begin with these digits. */
  territoriesOf(prefix: string): readonly string[];
  isTerritory(code: string): boolean;
}

const costlyKinds: ReadonlySet<NumberKind> = new Set<NumberKind>(['premium_rate', 'shared_cost', 'personal_number']);

/** Says whether numbers of this kind are costly regardless of their price in a deck. */
export function isCostlyKind(kind: NumberKind): boolean {
  return costlyKinds.has(kind);
}
