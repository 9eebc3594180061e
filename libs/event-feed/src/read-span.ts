import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { EventHistory, LogSpan } from '@ringfence/projections/event-source';

/** Reads a span of a store's log. Parameters, result and failures as of `EventHistory.readSpan`. */
export async function readSpan(
  store: Pick<EventStore, 'readAllExcept'>,
  ...[from, limit, ignored]: Parameters<EventHistory['readSpan']>
): Promise<LogSpan> {
  const { events, next } = await store.readAllExcept(ignored, from, limit);
  return { from, to: next, events: events.map(decodeRecorded) };
}
