import { Query } from '@nestjs/cqrs';
import type { EventId } from '@ringfence/kernel/ids';
import type { Position } from '@ringfence/kernel/units';
import type { OwnedBy } from '../owned-by.js';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import {
  type DeliveredEventFilter,
  DeliveredEventQueries,
  type DeliveredEventRow,
  type DeliveryAttemptRow,
} from './delivered-events.queries.js';

/** undefined: there is none, or the owner has none with this id. */
export class FindDeliveredEvent extends Query<DeliveredEventRow | undefined> {
  constructor(
    readonly eventId: EventId,
    readonly owner: OwnedBy | null,
  ) {
    super();
  }
}

/** Newest first. */
export class ListDeliveredEvents extends Query<Page<DeliveredEventRow>> {
  constructor(
    readonly filter: DeliveredEventFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

/** The latest attempts to deliver the event at a position. */
export class ListDeliveryAttempts extends Query<readonly DeliveryAttemptRow[]> {
  constructor(readonly at: Position) {
    super();
  }
}

export const deliveredEventHandlers = [
  queryHandler(FindDeliveredEvent, DeliveredEventQueries, (events, { eventId, owner }) => events.find(eventId, owner)),
  queryHandler(ListDeliveredEvents, DeliveredEventQueries, (events, { filter, page }) => events.list(filter, page)),
  queryHandler(ListDeliveryAttempts, DeliveredEventQueries, (events, { at }) => events.attempts(at)),
];
