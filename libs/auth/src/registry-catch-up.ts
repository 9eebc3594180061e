import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { type EventStore, readLimitMax } from '@ringfence/ports/log/event-store';
import { epochMs } from '@ringfence/kernel/units';
import type { KeyRegistry } from './key-registry.js';

/**
 * Advances a registry to the present end of the log, for a survey of all keys. Does not change its freshness, which
 * only the feed updates.
 * @throws Failure `event_store_unavailable` (retryable), `event_type_unknown`, `event_version_unknown`
 */
export async function catchUpWithLog(
  registry: KeyRegistry,
  store: Pick<EventStore, 'head' | 'readAll'>,
): Promise<void> {
  const head = await store.head();
  while (registry.nextPosition < head) {
    const recorded = await store.readAll(registry.nextPosition, readLimitMax);
    if (recorded.length === 0) return;
    registry.apply(recorded.map(decodeRecorded), epochMs(0));
  }
}
