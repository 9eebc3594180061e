import type { DomainCommand } from '@ringfence/domain/command';
import type { Principal } from '@ringfence/domain/shared/values';
import type { Refusal } from '@ringfence/domain/refusals';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import type { EpochMs, Position } from '@ringfence/kernel/units';

/** `Omit`, applied to each member of a union. */
type Without<Command, Field extends string> = Command extends unknown ? Omit<Command, Field> : never;
/**
 * A command before the lane adds the time, the principal, the platform's reference data, and the policy hash, which
 * only the lane can compute.
 */
export type CommandPayload = Without<
  Exclude<DomainCommand, { type: 'ActOnTime' | 'OpenLog' }>,
  | 'nowMs'
  | 'principal'
  | 'rateDecks'
  | 'routes'
  | 'numberingPlan'
  | 'calendar'
  | 'destinationOrder'
  | 'pricedCurrencies'
  | 'policyHashOf'
>;

export type CommandType = CommandPayload['type'];
export type CommandPayloadOf<Type extends CommandType> = Extract<CommandPayload, { readonly type: Type }>;

export type SubmittedCommand = {
  readonly commandId: CommandId;
  /** True if a client chose the id, so that an earlier outcome has to be looked up. */
  readonly idChosenByClient: boolean;
  /** HMAC over the fields that the client sent. */
  readonly fingerprint: Uint8Array;
  readonly stream: StreamId;
  readonly principal: Principal;
  readonly payload: CommandPayload;
  /** Ids that the client gets back, now and at every retry; no secrets, no personal data. */
  readonly result: JsonObject;
  /** Moment after which the command is no longer decided. */
  readonly deadlineMs: EpochMs;
  readonly traceparent: string | null;
};

export type CommandOutcome =
  | {
      readonly accepted: true;
      readonly position: Position;
      readonly result: JsonObject;
      /** An earlier outcome of the same id. */ readonly replayed: boolean;
    }
  | { readonly accepted: false; readonly position: Position; readonly refusal: Refusal; readonly replayed: boolean };

/** Token of the port, for `@Inject`. */
export const COMMAND_DISPATCHER = Symbol('CommandDispatcher');
export interface CommandDispatcher {
  /**
   * Dispatches a command to the lane of its stream. The promise settles after a fenced commit or read.
   * @throws Failure `idempotency_key_reused` (the id has an outcome for other fields), `not_accepted` (a copy of a
   * record whose command was not), `overloaded` (retryable), `lane_unavailable` (retryable)
   */
  dispatch(command: SubmittedCommand): Promise<CommandOutcome>;
}
