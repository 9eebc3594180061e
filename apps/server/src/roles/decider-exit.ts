import type { ServerLog } from '../telemetry/server-log.js';

/** Ends the process of a decider that can no longer decide; logs each reason once. */
export class DeciderExit {
  #ownsLanes = true;
  #outdated = false;
  #stopping = false;

  /** @param end ends the process; called again for each further reason */
  constructor(
    private readonly log: ServerLog,
    private readonly end: () => void,
  ) {}

  /** False once another process has taken all lanes. */
  get ownsLanes(): boolean {
    return this.#ownsLanes;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Notes the stop of the process: lanes that leave it from now on are no reason to end. */
  stop(): Promise<void> {
    this.#stopping = true;
    return Promise.resolve();
  }

  /** Ends the process because a newer release has written events that this one cannot read. */
  endOutdated(cause: unknown): void {
    if (this.#outdated) return;
    this.#outdated = true;
    this.log.event('release_outdated', { err: cause });
    this.end();
  }

  /** Ends the process because another one now decides for all lanes. */
  endReplaced(): void {
    if (!this.#ownsLanes) return;
    this.#ownsLanes = false;
    this.log.event('lanes_taken');
    this.end();
  }
}
