import type { SeededRandom } from '../seeded-random.js';

/** Rates of the faults of a run, in thousandths: drawn once per seed, so that some runs have a single kind of fault. */
export type Weather = {
  /** An answer or a message takes long. */
  readonly slow: number;
  /** The store, or the bus, fails before anything was done. */
  readonly failsBefore: number;
  /** Share of calls that are carried out and whose answer is lost. */
  readonly unheard: number;
  /** A message is published twice. */
  readonly twice: number;
  /** A reader begins before the place it asked for. */
  readonly redelivers: number;
  /** Interval of faults of a process or of the group; 0: never. */
  readonly upheavalEveryMs: number;
};

export const calm: Weather = { slow: 0, failsBefore: 0, unheard: 0, twice: 0, redelivers: 0, upheavalEveryMs: 0 };

export function weatherOf(random: SeededRandom): Weather {
  const sometimes = (most: number) => (random.chance(350) ? 0 : random.below(most));
  return {
    slow: sometimes(60),
    failsBefore: sometimes(80),
    unheard: sometimes(80),
    twice: sometimes(120),
    redelivers: sometimes(900),
    upheavalEveryMs: random.chance(100) ? 0 : random.between(400, 4_000),
  };
}

/** Draws how long a message is in flight. */
export function travelMs(random: SeededRandom, { slow }: Weather): number {
  if (random.chance(slow)) return random.between(100, 4_000);
  return random.chance(200) ? random.between(3, 40) : random.below(4);
}
