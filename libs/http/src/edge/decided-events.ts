import { Inject, Injectable } from '@nestjs/common';
import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { invariant } from '@ringfence/kernel/invariant';
import { LOG_NAME, type LogName } from './ports.js';
import { positionFrom } from './positions.js';

type EventOf<Type extends DomainEventType> = Extract<DomainEvent, { readonly type: Type }>;

/**
 * The events of accepted commands. An answer that shows the effect of a command takes it from its event alone, so that
 * every retry gets the same answer, however late.
 */
@Injectable()
export class DecidedEvents {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  /**
   * The event at the position of an accepted outcome.
   * @throws Failure `event_store_unavailable` (retryable)
   */
  async at<Type extends DomainEventType>(positionText: string, type: Type): Promise<EventOf<Type>> {
    const [recorded] = await this.store.readAll(positionFrom(positionText, this.log.logId), 1);
    const event = recorded === undefined ? undefined : decodeRecorded(recorded).data;
    invariant(event?.type === type, 'the event of an accepted command is at the position of its outcome');
    return event as EventOf<Type>; // the type was compared
  }
}
