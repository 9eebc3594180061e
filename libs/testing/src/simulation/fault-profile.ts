import type { SeededRandom } from '../seeded-random.js';

/** How bad a run is, in thousandths: drawn once for each seed, so that some runs know one kind of trouble alone. */
export type Weather = {
  /** An answer or a message takes long. */
  readonly slow: number;
  /** The store, or the bus, fails before anything was done. */
  readonly failsBefore: number;
  /** It was done, and nobody hears of it. */
  readonly unheard: number;
  /** A message is published twice. */
  readonly twice: number;
  /** A reader begins before the place it asked for. */
  readonly redelivers: number;
  /** Something happens to a process or to the group this often; 0: never. */
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

/** How long something is on its way. */
export function travelMs(random: SeededRandom, { slow }: Weather): number {
  if (random.chance(slow)) return random.between(100, 4_000);
  return random.chance(200) ? random.between(3, 40) : random.below(4);
}
