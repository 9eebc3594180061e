import { logSegmentsContract } from '@ringfence/ports/log/log-segments.contract';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { MemoryEventStore, MemoryLog } from './memory-event-store.js';
import { MemoryLogSegments } from './memory-log-segments.js';

logSegmentsContract('memory', () => {
  let log = new MemoryLog();
  return Promise.resolve({
    open: () =>
      Promise.resolve({ store: new MemoryEventStore(log, new FakeClock()), segments: new MemoryLogSegments(log) }),
    clear: () => {
      log = new MemoryLog();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
