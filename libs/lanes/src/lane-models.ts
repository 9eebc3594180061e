import type { DomainCommand } from '@ringfence/domain/command';
import type { DomainEvent, EventContext, EventsByContext } from '@ringfence/domain/domain-event';
import type { EventFacts } from '@ringfence/event-catalog/context-catalogue';
import { eventTypesOf } from '@ringfence/event-catalog/event-catalog';
import { eventFacts } from '@ringfence/event-catalog/event-facts';
import type { AccountState } from '@ringfence/domain/streams/account/account-state';
import { accountCommandTypes } from '@ringfence/domain/streams/account/account-decide';
import { accountModel } from '@ringfence/domain/streams/account/account-stream';
import { afterUnauthorized, unauthorized } from '@ringfence/domain/streams/account/account-refusals';
import { platformCommandTypes, platformModel } from '@ringfence/domain/streams/platform/platform-stream';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { Refusal } from '@ringfence/domain/refusals';
import type { KeyId } from '@ringfence/kernel/ids';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import type { StreamModel } from '@ringfence/kernel/stream-model';

/** A stream's decider as the lane runs it: over everything there is, saying so when it is handed another stream's. */
export type LaneModel<State> = StreamModel<State, DomainCommand, DomainEvent, Refusal> & {
  /** Derives the envelope's facts about an event from the states around it. */
  readonly facts: (event: DomainEvent, before: State, after: State) => EventFacts;
  /**
   * Returns the trace of a command that an operator's key may not submit to this stream: events, and the state that
   * they evolve.
   */
  readonly turnedAway: (
    command: DomainCommand,
    state: State,
    refusal: Refusal,
  ) => { readonly trace: readonly DomainEvent[]; readonly after: State };
  /** Returns how often that key of this stream has been changed; 0: it is not known here. */
  readonly keyVersion: (state: State, keyId: KeyId) => number;
};
export type LaneModels = { readonly account: LaneModel<AccountState>; readonly platform: LaneModel<PlatformState> };

/** The contexts whose events are in a stream of each kind. */
export const streamContexts = {
  account: ['accounts', 'keys', 'calls', 'rejections'],
  platform: ['platform', 'keys', 'rejections'],
} as const satisfies Readonly<Record<keyof LaneModels, readonly EventContext[]>>;

export const laneModels: LaneModels = {
  account: {
    ...within('an account', accountModel, accountCommandTypes, streamContexts.account),
    facts: (event, before, after) => eventFacts(event, { before, after }),
    turnedAway: (command, state, refusal) => ({
      trace: unauthorized(command, state, refusal).trace,
      after: afterUnauthorized(command, state, refusal),
    }),
    keyVersion: (state, keyId) => state.keys.get(keyId)?.key.keyVersion ?? 0,
  },
  platform: {
    ...within('the platform', platformModel, platformCommandTypes, streamContexts.platform),
    facts: (event) => eventFacts(event, { before: null, after: null }),
    // Its own keys are at home here, and its own decider judges them.
    turnedAway: (_command, after) => ({ trace: [], after }),
    keyVersion: (state, keyId) => state.keys.get(keyId)?.keyVersion ?? 0,
  },
};

/**
 * A stream's model over all commands and events: those that are not its own are a bug of ours, and reported.
 * @param ownCommands the types of command that it decides
 * @param contexts whose events it is made of
 */
function within<State, Command extends DomainCommand, Context extends EventContext>(
  stream: string,
  model: StreamModel<State, Command, EventsByContext[Context], Refusal>,
  ownCommands: ReadonlySet<string>,
  contexts: readonly Context[],
): StreamModel<State, DomainCommand, DomainEvent, Refusal> {
  const ownEvents = new Set<string>(contexts.flatMap(eventTypesOf));
  const isOwnCommand = (command: DomainCommand): command is Command => ownCommands.has(command.type);
  const isOwnEvent = (event: DomainEvent): event is EventsByContext[Context] => ownEvents.has(event.type);
  return {
    ...model,
    decide: (command, state) =>
      isOwnCommand(command) ? model.decide(command, state) : misplaced(command.type, stream),
    evolve: (state, event) => (isOwnEvent(event) ? model.evolve(state, event) : misplaced(event.type, stream)),
    afterRefusal: (command, state, refusal) =>
      isOwnCommand(command) ? model.afterRefusal(command, state, refusal) : misplaced(command.type, stream),
  };
}

function misplaced(type: string, stream: string): never {
  throw new BrokenInvariant(`${type} does not belong to the stream of ${stream}`);
}
