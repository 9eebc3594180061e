/**
 * A rate limit told in another way than the platform computes it: a bucket that holds `burst` calls, starts full, and is filled by
 * `callsPerSecond` continuously. A call takes one out or is refused. In thousandths of a call, so that a millisecond of filling is a whole
 * number.
 */
export class ReferenceBucket {
  #level: number;
  #at: number | undefined;

  constructor(
    private readonly callsPerSecond: number,
    private readonly burst: number,
  ) {
    this.#level = burst * 1000;
  }

  /** Thousandths of calls that could be taken out at this moment. */
  levelAt(ms: number): number {
    const elapsed = this.#at === undefined ? 0 : ms - this.#at;
    if (elapsed < 0) throw new Error('time ran backwards');
    return Math.min(this.burst * 1000, this.#level + elapsed * this.callsPerSecond);
  }

  /** @returns whether there was one to take */
  take(ms: number): boolean {
    const level = this.levelAt(ms);
    this.#at = ms;
    this.#level = level >= 1000 ? level - 1000 : level;
    return level >= 1000;
  }
}
