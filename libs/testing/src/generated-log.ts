import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { LogId } from '@ringfence/kernel/ids';
import { FakeClock } from './fake-clock.js';
import { GeneratedHistory } from './generated-history.js';

/** A log in memory, to which generated history is appended. */
export class GeneratedLog {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly store = new MemoryEventStore(this.log, this.clock);
  readonly history = new GeneratedHistory();

  get logId(): LogId {
    const [first] = this.log.events;
    if (first === undefined) throw new Error('nothing was appended yet');
    return decodeEvent(first.bytes).logId;
  }

  append(events: number): Promise<void> {
    return this.history.appendTo(this.store, events);
  }
}
