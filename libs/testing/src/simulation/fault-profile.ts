import type { SeededRandom } from '../seeded-random.js';

/** Rates of the faults of a run, in thousandths: drawn once per seed, so that some runs have a single kind of fault. */
export type FaultProfile = {
  /** Rate of answers and messages that take long. */
  readonly slow: number;
  /** Rate of failures of the store or the bus before anything was done. */
  readonly failsBefore: number;
  /** Rate of calls that are carried out and whose answer is lost. */
  readonly answerLost: number;
  /** Rate of messages that are published twice. */
  readonly twice: number;
  /** Rate at which readers begin before the requested place. */
  readonly redelivers: number;
  /** Interval of faults of a process or of the group; 0: never. */
  readonly faultEveryMs: number;
};

export const calm: FaultProfile = { slow: 0, failsBefore: 0, answerLost: 0, twice: 0, redelivers: 0, faultEveryMs: 0 };

export function drawFaultProfile(random: SeededRandom): FaultProfile {
  const sometimes = (most: number) => (random.chance(350) ? 0 : random.below(most));
  return {
    slow: sometimes(60),
    failsBefore: sometimes(80),
    answerLost: sometimes(80),
    twice: sometimes(120),
    redelivers: sometimes(900),
    faultEveryMs: random.chance(100) ? 0 : random.between(400, 4_000),
  };
}

/** Draws the time that a message is in flight. */
export function travelMs(random: SeededRandom, { slow }: FaultProfile): number {
  if (random.chance(slow)) return random.between(100, 4_000);
  return random.chance(200) ? random.between(3, 40) : random.below(4);
}
