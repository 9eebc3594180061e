import type { Clock } from '@ringfence/kernel/clock';
import type { EventSource } from '@ringfence/projections/event-source';
import { pause, type Timers } from '@ringfence/kernel/timers';
import { systemTimers } from '../lane/system-timers.js';
import type { KeyRegistry } from './key-registry.js';

/** How long a feed that broke waits before it subscribes again; the registry turns stale meanwhile and says so itself. */
export const feedRetryMs = 200;

/** Keeps a registry at the end of the log. */
export class KeyRegistryFeed {
  constructor(
    private readonly registry: KeyRegistry,
    private readonly source: EventSource,
    private readonly clock: Clock,
    /** Told of every failure, so that somebody looks; the feed goes on by itself. */
    private readonly onFailure: (failure: unknown) => void,
    private readonly timers: Timers = systemTimers,
  ) {}

  /**
   * Runs until `signal` aborts. A subscription that fails or ends is made anew from where the registry stands. An event that cannot be read
   * is never passed over: the registry stays where it is and lets nobody in.
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        // What comes was read after it was asked for; how long ago, nobody knows who was stopped in between.
        let askedAtMs = this.clock.now();
        for await (const batch of this.source.subscribe(this.registry.nextPosition, signal)) {
          const toldOfMs = batch.length === 0 ? this.source.seenAllAtMs?.() : undefined;
          this.registry.apply(batch, toldOfMs ?? askedAtMs);
          askedAtMs = this.clock.now();
        }
      } catch (failure) {
        if (!aborted(signal)) this.onFailure(failure);
      }
      if (!aborted(signal)) await pause(this.timers, feedRetryMs, signal);
    }
  }
}

/** Asked anew after each await: TypeScript would take the loop's condition for still true. */
function aborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
