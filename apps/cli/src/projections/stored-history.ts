import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { readSpan } from '@ringfence/event-feed/read-span';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { EventHistory } from '@ringfence/projections/event-source';

/** The log in pages, read directly from the store. */
export function storedHistory(store: EventStore): EventHistory {
  return {
    readSpan: (...asked) => readSpan(store, ...asked),
    readStream: async (stream, fromVersion, limit) =>
      (await store.readStream(stream, fromVersion, limit)).map(decodeRecorded),
    head: () => store.head(),
  };
}
