import type { EpochMs } from '@ringfence/kernel/units';

/** Kinds of numbers. The words of the numbering data, and two of this platform's own: `satellite` and `sandbox`. */
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
 * An entry of a policy's destinations: a territory, or the digits that numbers begin with. Policies are recorded in
 * clear, and the log erases nothing: after a `+` the digits are too few to be a person's number.
 */
export const destinationPattern = /^(?:[A-Z]{2}|\+\d{1,7}|\d{1,15})$/;
export const destinationWords = 'a territory such as US, or a prefix: 1 to 15 digits, or + and 1 to 7 digits';

/** A number of a range that the numbering data knows, or that an operator has opened. */
export type KnownNumber = {
  readonly status: 'known';
  /** ISO 3166-1 alpha-2 (and AC, TA, XK, as the data has them); null: the number belongs to no territory. */
  readonly territory: string | null;
  readonly kind: NumberKind;
  /** null: none that the data knows. */
  readonly callingCode: string | null;
  /** The prefix of the range that an operator has opened; null: the data knows the number. */
  readonly openedRange: string | null;
};

export type NumberClass =
  | KnownNumber
  /** A number of a possible length that is in no range of the data. */
  | { readonly status: 'unknown'; readonly callingCode: string | null }
  /**
   * A number of no plan: its country code is followed by digits dialled only within the country, or its length is
   * wrong.
   */
  | { readonly status: 'invalid'; readonly fault: 'trunk_digits' | 'length' };

/** The numbering plans of all territories, in one version; a pure look-up. Digits are without `+`. */
export interface NumberingPlan {
  /**
   * Name and version of the data, as events record it: a label such as
   * `libphonenumber-js-1.13.16-corrected-2026-11-29`.
   */
  readonly version: string;
  /** @param digits of a number in E.164 */
  classify(digits: string, atMs: EpochMs): NumberClass;
  /**
   * Says whether there are known numbers that begin with these digits and each of them is of a costly kind or belongs
   * to no territory.
   */
  costlyOnly(prefix: string): boolean;
  /** The territories of which known numbers may begin with these digits. */
  territoriesOf(prefix: string): readonly string[];
  isTerritory(code: string): boolean;
}

const costlyKinds: ReadonlySet<NumberKind> = new Set<NumberKind>(['premium_rate', 'shared_cost', 'personal_number']);

/** Says whether numbers of this kind cost more than a call to the territory does, whatever a deck says of them. */
export function isCostlyKind(kind: NumberKind): boolean {
  return costlyKinds.has(kind);
}
