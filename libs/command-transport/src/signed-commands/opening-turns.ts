import { setImmediate } from 'node:timers';

/** Values that are opened before the event loop goes on to other work; each takes some 60 µs. */
export const openingsPerTurnMax = 8;

/**
 * Opens values in turns of the event loop, in the order in which they came, so that a lane decides and commits what has
 * been read while the rest of a large batch is still being opened.
 */
export class OpeningTurns {
  readonly #waiting: (() => void)[] = [];

  run<Value>(open: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        open().then(resolve, reject);
      });
      if (this.#waiting.length === 1) setImmediate(this.#turn);
    });
  }

  readonly #turn = (): void => {
    for (const begin of this.#waiting.slice(0, openingsPerTurnMax)) begin();
    this.#waiting.splice(0, openingsPerTurnMax);
    if (this.#waiting.length > 0) setImmediate(this.#turn);
  };
}
