import type { Timers } from '@ringfence/kernel/timers';

/** News of a topic for its one reader: something has come, or what came stops the reading. */
export class FeedNews {
  #came = false;
  #failure: { readonly cause: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(private readonly timers: Timers) {}

  /** @throws what stopped the reading */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** Takes what has come; a failure stops the reading: nothing is taken after it. */
  take(work: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      work();
    } catch (cause) {
      this.#failure = { cause };
    }
    this.notify();
  }

  notify(): void {
    this.#came = true;
    this.#wake();
  }

  /**
   * Settles when something has come since the last time, at the latest after `timeoutMs` or when `signal` aborts.
   * @returns false: nothing has come
   */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#came)
      await new Promise<void>((resolve) => {
        const done = (): void => {
          cancel();
          signal.removeEventListener('abort', done);
          this.#wake = () => undefined;
          resolve();
        };
        const cancel = this.timers.after(timeoutMs, done);
        signal.addEventListener('abort', done);
        this.#wake = done;
        if (signal.aborted) done();
      });
    const came = this.#came;
    this.#came = false;
    return came;
  }
}
