import { covered } from './coverage.js';
import type { Run } from './simulation.js';

/** Reports the progress of a run of many seeds: a line after every so many of them, and one for the rest. */
export class Progress {
  readonly #met = new Map<string, number>();
  #first: number | undefined;
  #seeds = 0;
  #red = 0;

  constructor(
    private readonly say: (line: string) => void,
    private readonly nowMs: () => number = () => performance.now(),
    private readonly everySeeds = 1_000,
    private readonly beganAtMs = nowMs(),
  ) {}

  /** @param wrong the errors of the run, which are reported at once; null: there are none */
  ran(run: Run, wrong: string | null): void {
    this.#first ??= run.seed;
    this.#seeds += 1;
    for (const way of covered(run)) this.#met.set(way, (this.#met.get(way) ?? 0) + 1);
    if (wrong !== null) {
      this.#red += 1;
      this.say(`seed ${String(run.seed)} is red: ${wrong}`);
    }
    if (this.#seeds === this.everySeeds) this.#print(run.seed);
  }

  /** @param last the last seed that ran */
  end(last: number): void {
    if (this.#seeds > 0) this.#print(last);
  }

  #print(last: number): void {
    const took = `${String(Math.round((this.nowMs() - this.beganAtMs) / 1_000))} s since the start`;
    const met = [...this.#met]
      .sort(([, one], [, other]) => other - one)
      .map(([way, times]) => `${way} ${String(times)}`);
    this.say(`seeds ${String(this.#first)} to ${String(last)}: ${String(this.#red)} red, ${took}; ${met.join(', ')}`);
    this.#met.clear();
    this.#first = undefined;
    this.#seeds = 0;
    this.#red = 0;
  }
}
