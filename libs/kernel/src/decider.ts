/**
 * The result of a command: events to append, or the one reason why it was refused. A refusal may leave a trace: events
 * that record it and change nothing else.
 */
export type Decision<Event, Refusal> =
  | { readonly accepted: true; readonly events: readonly [Event, ...Event[]] }
  | { readonly accepted: false; readonly refusal: Refusal; readonly trace: readonly Event[] };

/** Pure: no I/O, no clock, no randomness. Everything a decision needs is in `command` or `state`. */
export interface Decider<State, Command, Event, Refusal> {
  readonly initialState: State;
  readonly decide: (command: Command, state: State) => Decision<Event, Refusal>;
  /** Total: it never refuses, because history has already happened. Never changes `state` in place. */
  readonly evolve: (state: State, event: Event) => State;
}

export function accept<Event>(...events: readonly [Event, ...Event[]]): Decision<Event, never> {
  return { accepted: true, events };
}

export function refuse<Refusal>(refusal: Refusal): Decision<never, Refusal> {
  return { accepted: false, refusal, trace: [] };
}

/** @throws RangeError on no events: a command that changed nothing is a refusal */
export function acceptAll<Event>(events: readonly Event[]): Decision<Event, never> {
  const [first, ...rest] = events;
  if (first === undefined) throw new RangeError('an accepted command has at least one event');
  return { accepted: true, events: [first, ...rest] };
}
