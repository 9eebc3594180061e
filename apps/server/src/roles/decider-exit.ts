import type { ServerLog } from '../telemetry/server-log.js';

/** Why the process of a decider has to end; each reason is logged once. */
export class DeciderExit {
  #ownsLanes = true;
  #outdated = false;
  #stopping = false;

  /** @param end ends the process; called again for each further reason */
  constructor(
    private readonly log: ServerLog,
    private readonly end: () => void,
  ) {}

  /** False: all lanes of this process have gone to another one. */
  get ownsLanes(): boolean {
    return this.#ownsLanes;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  /** From now on lanes leave this process because it stops. */
  stop(): Promise<void> {
    this.#stopping = true;
    return Promise.resolve();
  }

  /** A newer release has written what this one cannot read. */
  endOutdated(cause: unknown): void {
    if (this.#outdated) return;
    this.#outdated = true;
    this.log.event('release_outdated', { err: cause });
    this.end();
  }

  /** Another process decides for all lanes now. */
  endReplaced(): void {
    if (!this.#ownsLanes) return;
    this.#ownsLanes = false;
    this.log.event('lanes_taken');
    this.end();
  }
}
