import type { DomainEvent } from '@ringfence/domain/domain-event';
import { ceTypeOf } from '@ringfence/event-catalog/event-catalog';
import { encodeEvent } from '@ringfence/event-catalog/event-codec';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { CommandId, EventId } from '@ringfence/kernel/ids';
import { streamVersion } from '@ringfence/kernel/units';
import { exampleEvents } from './example-events.js';
import { exampleAccountId } from './examples.js';
import { FakeClock } from './fake-clock.js';
import { PredictableIds } from './predictable-ids.js';

/** A log in memory with one account's stream, for readers of what lanes write. */
export class ExampleLog {
  readonly clock = new FakeClock();
  readonly ids = new PredictableIds();
  readonly store = new MemoryEventStore(new MemoryLog(), this.clock);

  /** Writes a fact, as the account's lane does. */
  async append(data: DomainEvent, id: EventId = this.ids.eventId(), subject: string = exampleAccountId): Promise<void> {
    const head = await this.store.head();
    const bytes = encodeEvent({
      id,
      logId: exampleEvents.LogOpened.logId,
      stream: exampleAccountId,
      version: streamVersion(head + 1),
      subject,
      decidedAtMs: this.clock.now(),
      commandId: 'spec' as CommandId,
      mode: 'test',
      issuedBy: { kind: 'operator', id: 'spec', version: 0 },
      onBehalfOf: null,
      presentedKeyId: null,
      traceparent: null,
      prevHash: '0'.repeat(64),
      salt: 'ab'.repeat(16),
      data,
    });
    const events = [{ type: ceTypeOf(data), subject, bytes }];
    const append = { stream: exampleAccountId, expectedVersion: streamVersion(head), events, nextDueMs: null };
    await this.store.append({ appends: [append], unchanged: [], outcomes: [], fences: [] });
  }
}
