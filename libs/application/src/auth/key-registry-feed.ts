import type { Clock } from '@ringfence/kernel/clock';
import type { EventSource } from '@ringfence/projections/event-source';
import type { Timers } from '@ringfence/kernel/timers';
import { followFeed } from '../feed/follow-feed.js';
import { systemTimers } from '../lane/system-timers.js';
import type { KeyRegistry } from './key-registry.js';

/** Keeps a registry at the end of the log. */
export class KeyRegistryFeed {
  constructor(
    private readonly registry: KeyRegistry,
    private readonly source: EventSource,
    private readonly clock: Clock,
    /** Told of every failure, so that somebody looks; the feed goes on by itself, and the registry turns stale meanwhile and says so. */
    private readonly onFailure: (failure: unknown) => void,
    private readonly timers: Timers = systemTimers,
  ) {}

  /** Runs until `signal` aborts. At an event that cannot be read the registry stays where it is and lets nobody in. */
  run(signal: AbortSignal): Promise<void> {
    const { registry, source, clock, timers, onFailure } = this;
    return followFeed({
      source,
      clock,
      timers,
      signal,
      next: () => registry.nextPosition,
      onBatch: (batch, askedAtMs) => {
        // A heartbeat knows better than we do when the log was asked.
        const toldOfMs = batch.length === 0 ? source.seenAllAtMs?.() : undefined;
        registry.apply(batch, toldOfMs ?? askedAtMs);
      },
      onFailure,
    });
  }
}
