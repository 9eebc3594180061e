/** Bounds of a coalescer. */
type CoalescerLimits = {
  /** The most questions per batch. */
  readonly batchMax: number;
  /** The most batches in flight. */
  readonly inFlightMax: number;
  /** The most waiting questions; one more is refused with `overrun()`. */
  readonly queueMax: number;
  readonly overrun: () => Error;
};

/** Combines single questions into batches: those that arrive while batches are in flight go out with the next. */
export class Coalescer<Question, Answer> {
  #waiting: Pending<Question, Answer>[] = [];
  #inFlight = 0;
  #scheduled = false;

  /** @param ask answers in the order of the questions; when it fails, every question of the batch fails with it */
  constructor(
    private readonly ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
    private readonly limits: CoalescerLimits,
  ) {}

  submit(question: Question): Promise<Answer> {
    if (this.#waiting.length >= this.limits.queueMax) return Promise.reject(this.limits.overrun());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      this.#schedule();
    });
  }

  /** Waits for the end of the current turn of the event loop, so that requests of one turn go together. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= this.limits.inFlightMax || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#send();
      this.#schedule();
    });
  }

  /** Never rejects. */
  async #send(): Promise<void> {
    const batch = this.#waiting.slice(0, this.limits.batchMax);
    this.#waiting = this.#waiting.slice(this.limits.batchMax);
    this.#inFlight += 1;
    try {
      const answers = await this.ask(batch.map(({ question }) => question));
      batch.forEach(({ resolve, reject }, at) => {
        const answer = answers[at];
        if (answer === undefined) reject(new RangeError('a batch was answered in part'));
        else resolve(answer);
      });
    } catch (failure) {
      for (const { reject } of batch) reject(failure);
    } finally {
      this.#inFlight -= 1;
      this.#schedule();
    }
  }
}

type Pending<Question, Answer> = {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (failure: unknown) => void;
};
