/**
 * A rate limit, computed in another way than the platform's: a bucket that holds `burst` calls, starts full, and is
 * filled by `callsPerSecond` continuously. A call takes one out or is refused. In thousandths of a call, so that a
 * millisecond of filling is a whole number.
 */
export type Bucket = {
  readonly callsPerSecond: number;
  readonly burst: number;
  /** Thousandths of calls that were in it at `atMs`. */
  readonly level: number;
  /** null: it was never touched. */
  readonly atMs: number | null;
};

/** Amount that one call takes out. */
export const callInBucket = 1_000;

export function fullBucket(callsPerSecond: number, burst: number): Bucket {
  return { callsPerSecond, burst, level: burst * callInBucket, atMs: null };
}

/** Thousandths of calls that could be taken out at this moment. @throws Error when time runs backwards */
export function levelAt({ callsPerSecond, burst, level, atMs }: Bucket, ms: number): number {
  const elapsedMs = atMs === null ? 0 : ms - atMs;
  if (elapsedMs < 0) throw new Error('time ran backwards');
  return Math.min(burst * callInBucket, level + elapsedMs * callsPerSecond);
}

/**
 * Converts a bucket to another rate: it takes as long until it is full again, so that a new limit does not forgive a
 * flood. Rounded down.
 */
export function atRate(bucket: Bucket, callsPerSecond: number, burst: number): Bucket {
  const missing = bucket.burst * callInBucket - bucket.level;
  const missingThen = Math.ceil((missing * callsPerSecond) / bucket.callsPerSecond);
  return { callsPerSecond, burst, level: burst * callInBucket - missingThen, atMs: bucket.atMs };
}

/** @returns whether there was one to take, and the bucket afterwards */
export function take(bucket: Bucket, ms: number): { readonly taken: boolean; readonly bucket: Bucket } {
  const level = levelAt(bucket, ms);
  const taken = level >= callInBucket;
  return { taken, bucket: { ...bucket, level: taken ? level - callInBucket : level, atMs: ms } };
}
