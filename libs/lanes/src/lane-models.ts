import type { DomainCommand } from '@ringfence/domain/command';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { EventFacts } from '@ringfence/event-catalog/context-catalogue';
import { eventFacts } from '@ringfence/event-catalog/event-facts';
import type { AccountState } from '@ringfence/domain/streams/account/account-state';
import { accountModel } from '@ringfence/domain/streams/account/account-stream';
import { afterUnauthorized, commandUnauthorized } from '@ringfence/domain/streams/account/account-refusals';
import { platformModel } from '@ringfence/domain/streams/platform/platform-stream';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { Refusal } from '@ringfence/domain/refusals';
import type { InventoryState } from '@ringfence/domain/streams/inventory/inventory-state';
import {
  afterInventoryUnauthorized,
  inventoryModel,
  inventoryUnauthorized,
} from '@ringfence/domain/streams/inventory/inventory-stream';
import type { KeyId } from '@ringfence/kernel/ids';
import type { StreamModel } from '@ringfence/kernel/stream-model';

/** A stream's model as the lane runs it, with what the lane has to know of its states. */
export type LaneModel<State> = StreamModel<State, DomainCommand, DomainEvent, Refusal> & {
  /** Derives the envelope's facts about an event from the states around it. */
  readonly facts: (event: DomainEvent, before: State, after: State) => EventFacts;
  /**
   * Returns the record of a command that an operator's key may not submit to this stream: the events, and the state to
   * apply them to.
   */
  readonly unauthorized: (
    command: DomainCommand,
    state: State,
    refusal: Refusal,
  ) => { readonly trace: readonly DomainEvent[]; readonly after: State };
  /** Returns the version of a key of this stream; 0: unknown here. */
  readonly keyVersion: (state: State, keyId: KeyId) => number;
};
export type LaneModels = {
  readonly account: LaneModel<AccountState>;
  readonly platform: LaneModel<PlatformState>;
  readonly inventory: LaneModel<InventoryState>;
};

export const laneModels: LaneModels = {
  account: {
    ...accountModel,
    facts: (event, before, after) => eventFacts(event, { before, after }),
    unauthorized: (command, state, refusal) => ({
      trace: commandUnauthorized(command, state, refusal).trace,
      after: afterUnauthorized(command, state, refusal),
    }),
    keyVersion: (state, keyId) => state.keys.get(keyId)?.key.keyVersion ?? 0,
  },
  platform: {
    ...platformModel,
    facts: (event) => eventFacts(event, { before: null, after: null }),
    // Operators' keys belong to this stream, and its own decider checks them.
    unauthorized: (_command, after) => ({ trace: [], after }),
    keyVersion: (state, keyId) => state.keys.get(keyId)?.keyVersion ?? 0,
  },
  inventory: {
    ...inventoryModel,
    facts: (event) => eventFacts(event, { before: null, after: null }),
    unauthorized: (command, state, refusal) => ({
      trace: inventoryUnauthorized(command, state, refusal).trace,
      after: afterInventoryUnauthorized(command, state, refusal),
    }),
    keyVersion: () => 0,
  },
};
