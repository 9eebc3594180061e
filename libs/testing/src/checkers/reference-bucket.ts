/**
 * A rate limit, computed in a different way from the platform's: a bucket that holds `burst` calls, starts full, and is
 * filled continuously at `callsPerSecond`. A call takes one out or is refused. In thousandths of a call, so that each
 * millisecond adds a whole number.
 */
export type Bucket = {
  readonly callsPerSecond: number;
  readonly burst: number;
  /** Level of the bucket at `atMs`, in thousandths of calls. */
  readonly level: number;
  /** null: it was never used. */
  readonly atMs: number | null;
};

/** Amount that one call takes out. */
export const callInBucket = 1_000;

export function fullBucket(callsPerSecond: number, burst: number): Bucket {
  return { callsPerSecond, burst, level: burst * callInBucket, atMs: null };
}

/** Returns the level at this moment, in thousandths of calls. @throws Error if time runs backwards */
export function levelAt({ callsPerSecond, burst, level, atMs }: Bucket, ms: number): number {
  const elapsedMs = atMs === null ? 0 : ms - atMs;
  if (elapsedMs < 0) throw new Error('time ran backwards');
  return Math.min(burst * callInBucket, level + elapsedMs * callsPerSecond);
}

/**
 * Converts a bucket to another rate. The time until it is full stays the same, so that a new limit does not forgive a
 * flood. Rounded down.
 */
export function atRate(bucket: Bucket, callsPerSecond: number, burst: number): Bucket {
  const missing = bucket.burst * callInBucket - bucket.level;
  const missingThen = Math.ceil((missing * callsPerSecond) / bucket.callsPerSecond);
  return { callsPerSecond, burst, level: burst * callInBucket - missingThen, atMs: bucket.atMs };
}

/** @returns whether a call could be taken, and the bucket afterwards */
export function take(bucket: Bucket, ms: number): { readonly taken: boolean; readonly bucket: Bucket } {
  const level = levelAt(bucket, ms);
  const taken = level >= callInBucket;
  return { taken, bucket: { ...bucket, level: taken ? level - callInBucket : level, atMs: ms } };
}
