import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { filter, map, type OperatorFunction, pipe } from 'rxjs';

/** What goes over the event bus: a fact that stands in the log. */
export class CommittedEvent {
  constructor(readonly envelope: RecordedEnvelope) {}
}

type Committed<Type extends DomainEventType> = RecordedEnvelope<Extract<DomainEvent, { type: Type }>>;

/** For sagas: of all that goes over the bus, the facts of one type. */
export function ofCommitted<Type extends DomainEventType>(type: Type): OperatorFunction<object, Committed<Type>> {
  return pipe(
    filter((event) => event instanceof CommittedEvent),
    map(({ envelope }) => envelope),
    filter((envelope): envelope is Committed<Type> => envelope.data.type === type),
  );
}
