import { faultsIn } from './judge.js';
import { type Run, simulate } from './simulation.js';

/** A range of seeds, both ends inclusive. */
export type SeedRange = { readonly first: number; readonly last: number };

/** Parses `17` or `1-500`. @throws RangeError */
export function parseSeedRange(text: string): SeedRange {
  const [, first = '', last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (first === '' || range.last < range.first) throw new RangeError(`seeds are given as 17 or 1-500, not as ${text}`);
  return range;
}

/** Divides the range into at most so many parts, as evenly as possible; none is empty. */
export function sharesOf({ first, last }: SeedRange, parts: number): readonly SeedRange[] {
  const seeds = last - first + 1;
  const count = Math.min(parts, seeds);
  const begin = (part: number) => first + Math.ceil((part * seeds) / count);
  return Array.from({ length: count }, (_, part) => ({ first: begin(part), last: begin(part + 1) - 1 }));
}

/**
 * Runs every seed of the range and judges it.
 * @param onRun called for each judged run, with its errors
 * @returns the errors, of at most `redMax` seeds, each with the command that repeats it
 */
export async function judgeSeeds(
  { first, last }: SeedRange,
  onRun: (run: Run, wrong: string | null) => void = () => undefined,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (let seed = first; seed <= last && wrong.length < redMax; seed += 1) {
    const run = await simulate(seed);
    const faults = faultsIn(run);
    const isWrong = faults.length > 0;
    if (isWrong) wrong.push(`${faults.slice(0, faultsShownMax).join('\n')}\n  again: ${commandFor(seed)}`);
    onRun(run, isWrong ? (wrong.at(-1) ?? null) : null);
  }
  return wrong;
}

const redMax = 5;
const faultsShownMax = 10;

function commandFor(seed: number): string {
  return `SIMULATION_SEEDS=${String(seed)} npm run test:long -- libs/testing/src/simulation`;
}
