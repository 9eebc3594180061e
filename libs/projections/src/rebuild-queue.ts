import { setTimeout as sleep } from 'node:timers/promises';
import { type RebuildParts, rebuildTogether } from './rebuild.js';
import type { RunnableProjection } from './runnable-projection.js';

/** Time for which a pass waits for more projections: those of a new release ask at about the same time. */
const gatherMs = 100;

type Asked = {
  readonly projection: RunnableProjection;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * Rebuilds of one process. Projections that are to be rebuilt at the same time share a pass over the log; those that
 * come later wait for the next one.
 */
export class RebuildQueue {
  #asked: Asked[] = [];
  #running = false;

  constructor(
    private readonly parts: RebuildParts,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws as `rebuild`; the signal's reason if it aborts before the pass begins */
  rebuild(projection: RunnableProjection): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ projection, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    const { signal } = this;
    this.#running = true;
    while (this.#asked.length > 0) {
      await sleep(gatherMs, undefined, { signal }).catch(() => undefined);
      const taken = this.#asked.splice(0);
      if (signal.aborted) {
        for (const { reject } of taken) reject(signal.reason);
        continue;
      }
      const results = await rebuildTogether(
        taken.map(({ projection }) => projection),
        this.parts,
      );
      for (const [index, { resolve, reject }] of taken.entries()) {
        const result = results[index];
        if (result?.status === 'rejected') reject(result.reason);
        else resolve();
      }
    }
    this.#running = false;
  }
}
