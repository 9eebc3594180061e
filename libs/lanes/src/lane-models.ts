import type { DomainCommand } from '@ringfence/domain/command';
import type { DomainEvent, EventContext, EventsByContext } from '@ringfence/domain/domain-event';
import type { EventFacts } from '@ringfence/event-catalog/context-catalogue';
import { eventTypesOf } from '@ringfence/event-catalog/event-catalog';
import { eventFacts } from '@ringfence/event-catalog/event-facts';
import type { AccountState } from '@ringfence/domain/streams/account/account-state';
import {
  accountModel,
  type AccountStreamCommand,
  type AccountStreamEvent,
} from '@ringfence/domain/streams/account/account-stream';
import { afterUnauthorized, unauthorized } from '@ringfence/domain/streams/account/account-refusals';
import {
  platformModel as platformDecider,
  type PlatformStreamCommand,
  type PlatformStreamEvent,
} from '@ringfence/domain/streams/platform/platform-stream';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { Refusal } from '@ringfence/domain/refusals';
import type { KeyId } from '@ringfence/kernel/ids';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import type { StreamModel } from '@ringfence/kernel/stream-model';

/** A stream's decider as the lane runs it: over everything there is, saying so when it is handed another stream's. */
export type LaneModel<State> = StreamModel<State, DomainCommand, DomainEvent, Refusal> & {
  /** What the envelope says of an event, told from the states around it. */
  readonly facts: (event: DomainEvent, before: State, after: State) => EventFacts;
  /** What it leaves that an operator's key may not have its wish in this stream: events, and the state that they are evolved from. */
  readonly turnedAway: (
    command: DomainCommand,
    state: State,
    refusal: Refusal,
  ) => { readonly trace: readonly DomainEvent[]; readonly after: State };
  /** How often that key of this stream has been changed; 0: it is not known here. */
  readonly keyVersion: (state: State, keyId: KeyId) => number;
};
export type LaneModels = { readonly account: LaneModel<AccountState>; readonly platform: LaneModel<PlatformState> };

export const laneModels: LaneModels = {
  account: {
    ...accountModel,
    decide: (command, state) => accountModel.decide(ofAccount(command), state),
    evolve: (state, event) => accountModel.evolve(state, inAccount(event)),
    afterRefusal: (command, state, refusal) => accountModel.afterRefusal(ofAccount(command), state, refusal),
    facts: (event, before, after) => eventFacts(event, { before, after }),
    turnedAway: (command, state, refusal) => ({
      trace: unauthorized(command, state, refusal).trace,
      after: afterUnauthorized(command, state, refusal),
    }),
    keyVersion: (state, keyId) => state.keys.get(keyId)?.key.keyVersion ?? 0,
  },
  platform: {
    ...platformDecider,
    decide: (command, state) => platformDecider.decide(ofPlatform(command), state),
    evolve: (state, event) => platformDecider.evolve(state, inPlatform(event)),
    afterRefusal: (command, state, refusal) => platformDecider.afterRefusal(ofPlatform(command), state, refusal),
    facts: (event) => eventFacts(event, { before: null, after: null }),
    // Its own keys are at home here, and its own decider judges them.
    turnedAway: (_command, after) => ({ trace: [], after }),
    keyVersion: (state, keyId) => state.keys.get(keyId)?.keyVersion ?? 0,
  },
};

function ofAccount(command: DomainCommand): AccountStreamCommand {
  switch (command.type) {
    case 'OpenLog':
    case 'PublishRateDeck':
    case 'OpenNumberRange':
      return misplaced(command.type, 'an account');
    default:
      return command;
  }
}

function ofPlatform(command: DomainCommand): PlatformStreamCommand {
  switch (command.type) {
    case 'OpenLog':
    case 'PublishRateDeck':
    case 'OpenNumberRange':
    case 'IssueKey':
    case 'RegisterSigningKey':
    case 'RotateKey':
    case 'ChangeKeyPolicy':
    case 'RevokeKey':
    case 'TurnAwayCommand':
    case 'ActOnTime':
      return command;
    default:
      return misplaced(command.type, 'the platform');
  }
}

/** The contexts whose events stand in a stream of each kind. */
const contextsOf = {
  account: ['accounts', 'keys', 'calls', 'rejections'],
  platform: ['platform', 'keys', 'rejections'],
} as const satisfies Readonly<Record<keyof LaneModels, readonly EventContext[]>>;
const ofAccountStream = new Set<string>(contextsOf.account.flatMap(eventTypesOf));
const ofPlatformStream = new Set<string>(contextsOf.platform.flatMap(eventTypesOf));

function isInAccount(event: DomainEvent): event is EventsByContext[(typeof contextsOf.account)[number]] {
  return ofAccountStream.has(event.type);
}

function isInPlatform(event: DomainEvent): event is EventsByContext[(typeof contextsOf.platform)[number]] {
  return ofPlatformStream.has(event.type);
}

function inAccount(event: DomainEvent): AccountStreamEvent {
  return isInAccount(event) ? event : misplaced(event.type, 'an account');
}

function inPlatform(event: DomainEvent): PlatformStreamEvent {
  return isInPlatform(event) ? event : misplaced(event.type, 'the platform');
}

function misplaced(type: string, stream: string): never {
  throw new BrokenInvariant(`${type} does not belong to the stream of ${stream}`);
}
