/** Lets so many pieces of work go on at once; the others wait their turn, in the order in which they came. */
export class Limiter {
  #under = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly atOnceMax: number) {}

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#under >= this.atOnceMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#under += 1;
    try {
      return await work();
    } finally {
      // The longest waiting one takes this place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#under -= 1;
      else next();
    }
  }
}
