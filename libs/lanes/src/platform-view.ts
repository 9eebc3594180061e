import type { EventStore } from '@ringfence/ports/log/event-store';
import { laneModels } from './lane-models.js';
import { PlatformReference, type ReferenceHost } from './platform-reference.js';

/** The platform's reference data at the end of the log, for reads. Loaded at the first use. */
export class PlatformView {
  #loading: Promise<PlatformReference> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly host: ReferenceHost,
  ) {}

  /**
   * @returns reference data that includes everything in the log at the time of the call
   * @throws HistoryBroken; Failure `event_store_unavailable`, `lane_unavailable` (retryable)
   */
  async current(): Promise<PlatformReference> {
    this.#loading ??= PlatformReference.load(this.store, laneModels.platform, this.host).catch((failure: unknown) => {
      this.#loading = undefined;
      throw failure;
    });
    const reference = await this.#loading;
    await this.#refreshed(reference);
    return reference;
  }

  /** Reads once at a time, and once more for all requests that arrived meanwhile. */
  #refreshed(reference: PlatformReference): Promise<void> {
    if (this.#running === undefined) return this.#refresh(reference);
    this.#next ??= this.#running
      .catch(() => undefined) // reported to the callers of that read
      .then(() => {
        this.#next = undefined;
        return this.#refresh(reference);
      });
    return this.#next;
  }

  #refresh(reference: PlatformReference): Promise<void> {
    this.#running = reference.refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}
