/** One line of a result table: the measurement, and whether it met its goal (null: it has none). */
export type BenchRow = {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly met: boolean | null;
};

/** Report of a benchmark. `details`: raw figures of every round, for the results file. */
export type BenchReport = { readonly rows: readonly BenchRow[]; readonly details: unknown };

/**
 * One benchmark. All figures of one table are measured in one run, in several rounds; the same run checks correctness,
 * and throws.
 */
export interface Bench {
  readonly name: string;
  readonly title: string;
  run(progress: (line: string) => void): Promise<BenchReport>;
}

/** Number of rounds; set RINGFENCE_BENCH_ROUNDS to fewer for a quick look at a change. */
export const rounds = Number(process.env['RINGFENCE_BENCH_ROUNDS'] ?? 3);

/** Returns the middle value; of an even number, the lower of the two. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Nearest-rank percentile, `share` in per cent. @throws RangeError on no values */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const found = sorted[Math.max(0, Math.ceil((sorted.length * share) / 100) - 1)];
  if (found === undefined) throw new RangeError('a percentile needs at least one value');
  return found;
}
