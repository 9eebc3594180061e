/** Limits the number of concurrent pieces of work; others wait in the order of their arrival. */
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
      // The longest waiting one takes over this place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#under -= 1;
      else next();
    }
  }
}
