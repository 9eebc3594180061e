import type { DomainEvent } from '@ringfence/domain/domain-event';
import { platformLimits } from '@ringfence/domain/limits/account-limits';
import { atRate, type Bucket, callInBucket, fullBucket, levelAt, take } from './reference-bucket.js';

/** What all keys of an account may do together in one mode, and what they have taken of it. */
export type ReferenceLimits = { readonly linesMax: number; readonly lines: number; readonly bucket: Bucket };

type LimitsSet = Extract<DomainEvent, { type: 'AccountLimitsSet' }>;

/** Of an account whose limits were never set. */
export const limitsAtFirst: ReferenceLimits = {
  linesMax: platformLimits.linesMax,
  lines: 0,
  bucket: fullBucket(platformLimits.callsPerSecond, platformLimits.burstCalls),
};

export function withLimits(known: ReferenceLimits, { limits }: LimitsSet): ReferenceLimits {
  const { callsPerSecond, burstCalls, linesMax } = limits;
  return { ...known, linesMax, bucket: atRate(known.bucket, callsPerSecond, burstCalls) };
}

export function withCallOf(known: ReferenceLimits, ms: number): ReferenceLimits {
  return { ...known, lines: known.lines + 1, bucket: take(known.bucket, ms).bucket };
}

export function withoutCallOf(known: ReferenceLimits): ReferenceLimits {
  return { ...known, lines: known.lines - 1 };
}

/** Where one more call at this moment is more than they allow. */
export function excessOfAccount({ linesMax, lines, bucket }: ReferenceLimits, ms: number): readonly string[] {
  return [
    ...(lines >= linesMax ? [`more than the ${String(linesMax)} lines of its account`] : []),
    ...(hasNoCallAt({ bucket }, ms) ? ['more calls a second than its account may place'] : []),
  ];
}

export function hasNoCallAt({ bucket }: Pick<ReferenceLimits, 'bucket'>, ms: number): boolean {
  return levelAt(bucket, ms) < callInBucket;
}
