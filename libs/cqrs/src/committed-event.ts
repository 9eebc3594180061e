import { EventsHandler } from '@nestjs/cqrs';
import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { filter, map, type OperatorFunction, pipe } from 'rxjs';

/** A committed event, as the event bus carries it. */
export class CommittedEvent {
  constructor(readonly envelope: RecordedEnvelope) {}
}

const handledTypes = new Set<DomainEventType>();
const handlers = new WeakSet<object>();

/** Tests whether a handler or a saga of this process handles events of this type. */
export function isHandled(type: DomainEventType): boolean {
  return handledTypes.has(type);
}

/**
 * Class decorator of an `IEventHandler<CommittedEvent>`: names the types that it handles. Other types may arrive too,
 * for other handlers; types that no handler names never reach the bus, because carrying an event over it costs more
 * than deciding a command.
 */
export function HandlesCommitted(...types: readonly DomainEventType[]): ClassDecorator {
  for (const type of types) handledTypes.add(type);
  return (handler) => {
    handlers.add(handler);
    EventsHandler(CommittedEvent)(handler);
  };
}

/** Tests whether a handler of committed events has named its types; without them the bus delivers nothing to it. */
export function namesItsTypes(handler: unknown): boolean {
  return typeof handler === 'function' && handlers.has(handler);
}

type Committed<Type extends DomainEventType> = RecordedEnvelope<Extract<DomainEvent, { type: Type }>>;

/** Selects the events of one type, for sagas. */
export function ofCommitted<Type extends DomainEventType>(type: Type): OperatorFunction<object, Committed<Type>> {
  handledTypes.add(type);
  return pipe(
    filter((event) => event instanceof CommittedEvent),
    map(({ envelope }) => envelope),
    filter((envelope): envelope is Committed<Type> => envelope.data.type === type),
  );
}
