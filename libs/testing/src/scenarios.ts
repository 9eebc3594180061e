import { expect } from '@jest/globals';
import type { Decider } from '@ringfence/kernel/decider';

type Given<Command, Event, Refusal> = { when(command: Command): Then<Event, Refusal> };
type Then<Event, Refusal> = {
  /** Expects acceptance, with exactly these events. */
  then(...events: Event[]): void;
  /** Expects a refusal for a reason that has at least these fields. */
  thenRefused(refusal: Partial<Refusal>): void;
};

/** Builds scenarios: given(events).when(command).then(events or refusal), a decider's whole contract without a mock. */
export function scenariosFor<State, Command, Event, Refusal>(
  decider: Decider<State, Command, Event, Refusal>,
): (...history: Event[]) => Given<Command, Event, Refusal> {
  return (...history) => ({
    when: (command) => {
      const state = history.reduce((before, event) => decider.evolve(before, event), decider.initialState);
      const decision = decider.decide(command, state);
      return {
        then: (...events) => {
          expect(decision).toEqual({ accepted: true, events });
        },
        thenRefused: (refusal) => {
          expect(decision).toMatchObject({ accepted: false, refusal });
        },
      };
    },
  });
}
