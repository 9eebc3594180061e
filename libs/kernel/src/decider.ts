/** What a command led to: facts to append, or the one reason it was turned down. Never both, never neither. */
export type Decision<Event, Refusal> =
  | { readonly accepted: true; readonly events: readonly [Event, ...Event[]] }
  | { readonly accepted: false; readonly refusal: Refusal };

/** Pure: no I/O, no clock, no randomness. Everything a decision needs is in `command` or `state`. */
export interface Decider<State, Command, Event, Refusal> {
  readonly initialState: State;
  readonly decide: (command: Command, state: State) => Decision<Event, Refusal>;
  /** Total: it never refuses, for history has already happened. Never changes `state` in place. */
  readonly evolve: (state: State, event: Event) => State;
}

export function accept<Event>(...events: readonly [Event, ...Event[]]): Decision<Event, never> {
  return { accepted: true, events };
}

export function refuse<Refusal>(refusal: Refusal): Decision<never, Refusal> {
  return { accepted: false, refusal };
}
