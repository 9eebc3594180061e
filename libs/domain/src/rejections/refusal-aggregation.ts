import type { KeyId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, type EpochMs } from '@ringfence/kernel/units';
import { Map as ImmutableMap } from 'immutable';

/** The key of an aggregation: at least the API key and the reason. */
type AggregationKey = { readonly keyId: KeyId | null; readonly code: string };
/** The members that distinguish sums. */
type Distinguishing<Of extends AggregationKey> = Pick<Of, 'keyId' | 'code'>;

/** The refusals of one key and reason in one second: the first is in the log, the others are counted here. */
export type RefusalSum<Of extends AggregationKey> = {
  readonly alike: Of;
  readonly secondStartMs: EpochMs;
  readonly uncounted: number;
};
/** A stream's recent refusals. */
export type RefusalSums<Of extends AggregationKey> = ImmutableMap<string, RefusalSum<Of>>;

/** The start of the second that a moment falls in. */
export function secondOf(moment: EpochMs): EpochMs {
  return (moment - (moment % 1_000)) as EpochMs;
}

export function refusalName({ keyId, code }: Distinguishing<AggregationKey>): string {
  return `${keyId ?? ''}/${code}`;
}

/**
 * Returns the events of a refusal: the first in a second is recorded, preceded by the count of an earlier second if
 * there is one; later ones yield no event.
 * @param counted makes the event of a count
 */
export function traceOf<Of extends AggregationKey, First, Counted>(
  sums: RefusalSums<Of>,
  alike: Distinguishing<Of>,
  nowMs: EpochMs,
  first: First,
  counted: (sum: RefusalSum<Of>, nowMs: EpochMs) => Counted,
): readonly (First | Counted)[] {
  const sum = sums.get(refusalName(alike));
  if (sum?.secondStartMs === secondOf(nowMs)) return [];
  return sum === undefined || sum.uncounted === 0 ? [first] : [counted(sum, nowMs), first];
}

/** The sums after the first refusal of a second. */
export function withFirstRefusal<Of extends AggregationKey>(
  sums: RefusalSums<Of>,
  alike: Of,
  atMs: EpochMs,
): RefusalSums<Of> {
  return sums.set(refusalName(alike), { alike, secondStartMs: secondOf(atMs), uncounted: 0 });
}

/** The sums after the event that counts the others. */
export function flushed<Of extends AggregationKey>(
  sums: RefusalSums<Of>,
  alike: Distinguishing<Of>,
  secondStartMs: EpochMs,
): RefusalSums<Of> {
  const name = refusalName(alike);
  const sum = sums.get(name);
  return sum?.secondStartMs === secondStartMs ? sums.set(name, { ...sum, uncounted: 0 }) : sums;
}

/**
 * The sums with `count` more refusals that are not in the log yet. The first of a second is not counted, because its
 * event records it.
 */
export function incremented<Of extends AggregationKey>(
  sums: RefusalSums<Of>,
  alike: Distinguishing<Of>,
  count: number,
  nowMs: EpochMs,
): RefusalSums<Of> {
  const name = refusalName(alike);
  const sum = sums.get(name);
  return sum?.secondStartMs === secondOf(nowMs) ? sums.set(name, { ...sum, uncounted: sum.uncounted + count }) : sums;
}

/** Returns the moment at which a count becomes an event: the end of its second; null: nothing was counted. */
export function sumDueMs(sum: RefusalSum<AggregationKey> | undefined): EpochMs | null {
  return sum !== undefined && sum.uncounted > 0 ? addDuration(sum.secondStartMs, durationMs(1_000)) : null;
}

export function restoredSums<Of extends AggregationKey>(sums: readonly RefusalSum<Of>[]): RefusalSums<Of> {
  return ImmutableMap(sums.map((sum) => [refusalName(sum.alike), sum]));
}
