import type { Timers } from '@ringfence/kernel/timers';
import { LRUCache } from 'lru-cache';

type AgingCacheOptions = { readonly timers: Pick<Timers, 'monotonicMs'>; readonly max: number; readonly ttlMs: number };

/** Creates a cache whose entries end after `ttlMs`, however often they are used. */
export function agingCache<Key extends string, Value extends object>(options: AgingCacheOptions): LRUCache<Key, Value> {
  const { timers, max, ttlMs } = options;
  // The clock is read each time: by itself the cache would read it only now and then.
  const perf = { now: () => timers.monotonicMs() };
  return new LRUCache({ max, ttl: ttlMs, ttlResolution: 0, perf });
}
