import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import type { Mode } from '@ringfence/domain/shared/values';
import type { CataloguedEvent, EventFacts, StateAround } from './context-catalogue.js';
import { eventCatalogue, eventTypes } from './event-catalog.js';

/** Reads the facts for an event's envelope from the event and the states around it. */
export function eventFacts(event: DomainEvent, around: StateAround): EventFacts {
  const { facts }: Pick<CataloguedEvent<never>, 'facts'> = eventCatalogue[event.type];
  // TypeScript cannot infer that the entry under an event's type takes that event.
  return facts(event as never, around);
}

/** Events of an account as a whole: they concern both of its modes, whatever their envelope says. */
export const accountWideEvents: readonly DomainEventType[] = eventTypes.filter(
  (type) => eventCatalogue[type].accountWide === true,
);
const accountWide: ReadonlySet<DomainEventType> = new Set(accountWideEvents);

/** Says whether events of this type concern both modes of their account. */
export function isAccountWide(type: DomainEventType): boolean {
  return accountWide.has(type);
}

/** Says whether an event is visible in this mode. */
export function isOfMode(event: { readonly type: DomainEventType; readonly mode: Mode }, mode: Mode): boolean {
  return event.mode === mode || isAccountWide(event.type);
}
