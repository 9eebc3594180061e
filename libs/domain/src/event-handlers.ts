import type { DomainEvent, EventContext, EventsByContext } from './domain-event.js';

/** A handler for each event of one context, or `'ignore'`. */
type HandlersOf<Event extends DomainEvent, Result> = {
  readonly [Each in Event as Each['type']]: ((event: Each) => Result) | 'ignore';
};

/**
 * Handlers of events, by context. A reader of a context names each of its events, so that a new event does not compile
 * until its handling is decided. A reader that needs none of them says `'ignore'` once.
 */
export type EventHandlers<Result> = {
  readonly [Context in EventContext]: HandlersOf<EventsByContext[Context], Result> | 'ignore';
};

type AnyHandler<Result> = (event: never) => Result;

/**
 * The handlers as one function, which looks up the handler by the event's type.
 * @returns undefined for an event that is ignored
 */
export function handlerOf<Result>(handlers: EventHandlers<Result>): (event: DomainEvent) => Result | undefined {
  const contexts: Readonly<Record<string, 'ignore' | Readonly<Record<string, AnyHandler<Result> | 'ignore'>>>> =
    handlers;
  const byType = new Map<string, AnyHandler<Result>>();
  for (const ofContext of Object.values(contexts)) {
    if (ofContext === 'ignore') continue;
    for (const [type, handler] of Object.entries(ofContext)) if (handler !== 'ignore') byType.set(type, handler);
  }
  // TypeScript cannot see that the handler found under an event's type takes that event.
  return (event) => byType.get(event.type)?.(event as never);
}
