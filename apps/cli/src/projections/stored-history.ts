import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { EventHistory } from '@ringfence/projections/event-source';

/** The log in pages, read directly from the store. */
export function storedHistory(store: EventStore): EventHistory {
  return {
    read: async (from, limit) => (await store.readAll(from, limit)).map(decodeRecorded),
    readStream: async (stream, fromVersion, limit) =>
      (await store.readStream(stream, fromVersion, limit)).map(decodeRecorded),
    head: () => store.head(),
  };
}
