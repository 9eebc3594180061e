import { begunCall } from '@ringfence/domain/calls/begun-call';
import { Map as ImmutableMap } from 'immutable';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import { platformLimits } from '@ringfence/domain/limits/account-limits';
import type { Held } from './reference-usage.js';
import { atRate, type Bucket, callInBucket, fullBucket, levelAt, take } from './reference-bucket.js';

/** Limits that all keys of an account share in one mode, and their use. */
export type ReferenceLimits = {
  readonly linesMax: number;
  readonly lines: number;
  readonly bucket: Bucket;
  readonly dailySpendMicrosMax: bigint | null;
  readonly spentByDay: ImmutableMap<string, bigint>;
};

type CallPlaced = Extract<DomainEvent, { type: 'CallPlaced' | 'CallReceived' }>;
type LimitsSet = Extract<DomainEvent, { type: 'AccountLimitsSet' }>;

/** Limits of an account before it set any. */
export const limitsAtFirst: ReferenceLimits = {
  linesMax: platformLimits.linesMax,
  lines: 0,
  bucket: fullBucket(platformLimits.callsPerSecond, platformLimits.burstCalls),
  dailySpendMicrosMax: platformLimits.dailySpendMicrosMax,
  spentByDay: ImmutableMap(),
};

export function withLimits(known: ReferenceLimits, { limits }: LimitsSet): ReferenceLimits {
  const { callsPerSecond, burstCalls, linesMax, dailySpendMicrosMax } = limits;
  return { ...known, linesMax, dailySpendMicrosMax, bucket: atRate(known.bucket, callsPerSecond, burstCalls) };
}

export function withCallOf(known: ReferenceLimits, placed: CallPlaced): ReferenceLimits {
  const { placedAtMs, localDay, reservedMicros } = begunCall(placed);
  const taken = { ...known, lines: known.lines + 1, bucket: take(known.bucket, placedAtMs).bucket };
  return withSpend(taken, localDay, reservedMicros);
}

export function withSpend(known: ReferenceLimits, day: string, amountMicros: bigint): ReferenceLimits {
  return { ...known, spentByDay: known.spentByDay.update(day, 0n, (sum) => sum + amountMicros) };
}

export function withoutCallOf(
  known: ReferenceLimits,
  { day, onDayMicros }: Held,
  releasedMicros: bigint,
): ReferenceLimits {
  const back = releasedMicros < onDayMicros ? releasedMicros : onDayMicros;
  return withSpend({ ...known, lines: known.lines - 1 }, day, -back);
}

/**
 * Returns the excess if that day's reservations exceed what the account may spend on it. `loosest`: the highest limit
 * that may apply; null: none.
 */
export function excessOfDay({ spentByDay }: ReferenceLimits, day: string, loosest: bigint | null): readonly string[] {
  const spent = spentByDay.get(day) ?? 0n;
  return loosest !== null && spent > loosest ? [`${String(spent)} money of its account on ${day}, which are ${String(loosest)} at most`] : []; // prettier-ignore
}

/** Returns the excess if one more call at this moment exceeds the limits. */
export function excessOfAccount({ linesMax, lines, bucket }: ReferenceLimits, ms: number): readonly string[] {
  return [
    ...(lines >= linesMax ? [`more than the ${String(linesMax)} lines of its account`] : []),
    ...(hasNoCallAt({ bucket }, ms) ? ['more calls a second than its account may place'] : []),
  ];
}

export function hasNoCallAt({ bucket }: Pick<ReferenceLimits, 'bucket'>, ms: number): boolean {
  return levelAt(bucket, ms) < callInBucket;
}
