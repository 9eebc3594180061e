import type { EpochMs } from '@ringfence/kernel/units';
import type { NumberingPlan, NumberKind } from './numbering-plan.js';

/** A range that the numbering data does not know, as declared by an operator. */
export type OpenedRange = {
  /** Digits without `+`. */
  readonly prefix: string;
  readonly territory: string | null;
  readonly kind: NumberKind;
  readonly effectiveFromMs: EpochMs;
  /** null: until it is replaced. */
  readonly effectiveUntilMs: EpochMs | null;
};

/**
 * The plan with the ranges that operators have opened. They apply to numbers that the data does not know, by longest
 * prefix. Among ranges of one prefix the one with the latest start counts; of two with the same start, the one recorded
 * later.
 * @param ranges in the order in which they were recorded
 */
export function withOpenedRanges(plan: NumberingPlan, ranges: readonly OpenedRange[]): NumberingPlan {
  if (ranges.length === 0) return plan;
  const byPrefix = new Map<string, OpenedRange[]>();
  for (const range of ranges) byPrefix.set(range.prefix, [...(byPrefix.get(range.prefix) ?? []), range]);
  return {
    version: plan.version,
    classify: (digits, atMs) => {
      const found = plan.classify(digits, atMs);
      if (found.status !== 'unknown') return found;
      const opened = rangeOf(byPrefix, digits, atMs);
      if (opened === undefined) return found;
      const { territory, kind, prefix } = opened;
      return { status: 'known', territory, kind, callingCode: found.callingCode, openedRange: prefix };
    },
    costlyOnly: (prefix) => plan.costlyOnly(prefix),
    territoriesOf: (prefix) => plan.territoriesOf(prefix),
    isTerritory: (code) => plan.isTerritory(code),
  };
}

function rangeOf(
  byPrefix: ReadonlyMap<string, readonly OpenedRange[]>,
  digits: string,
  atMs: EpochMs,
): OpenedRange | undefined {
  for (let length = digits.length; length > 0; length -= 1) {
    const range = inForce(byPrefix.get(digits.slice(0, length)) ?? [], atMs);
    if (range !== undefined) return range;
  }
  return undefined;
}

function inForce(ranges: readonly OpenedRange[], atMs: EpochMs): OpenedRange | undefined {
  const latest = ranges
    .filter(({ effectiveFromMs }) => effectiveFromMs <= atMs)
    .reduce<OpenedRange | undefined>(
      (last, range) => (last === undefined || range.effectiveFromMs >= last.effectiveFromMs ? range : last),
      undefined,
    );
  return latest === undefined || (latest.effectiveUntilMs !== null && latest.effectiveUntilMs <= atMs)
    ? undefined
    : latest;
}
