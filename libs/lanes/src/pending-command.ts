import type { StreamId } from '@ringfence/kernel/ids';
import type { MessageOffset } from './owned-lanes.js';
import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { isHomeOf } from '@ringfence/commands/command-home';

/**
 * Reason why a command only gets an earlier outcome and is never decided itself. `copy`: an earlier message with the
 * same command is consumed. `erased`: a number that the decision needs was erased meanwhile.
 */
export type ReplayOnly = 'copy' | 'erased';

/** A client's, worker's or operator's command on its way through the lane. */
export type SubmittedPending = {
  readonly kind: 'submitted';
  readonly stream: StreamId;
  readonly submitted: SubmittedCommand;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (failure: Error) => void;
  /** The message of the command; null: it was not dispatched by a message. */
  readonly place: MessageOffset | null;
  /** null: the command is decided. */
  readonly replayOnly: ReplayOnly | null;
  /** Number of times that the command alone made the decider, the encoder or the store throw. */
  crashes: number;
  /** Number of failed appends with the command. */
  failedAppends: number;
  /**
   * True if an append may have succeeded without an answer, so that the outcome must be looked up before a decision.
   */
  outcomeUnknown: boolean;
};
/**
 * The lane's own request to fire a stream's timers; at most one per stream waits. `crashes`: as for commands.
 */
export type DuePending = { readonly kind: 'due'; readonly stream: StreamId; crashes: number };
export type Pending = SubmittedPending | DuePending;

/** Says whether a command is dispatched to the stream that decides it. */
export function isAtHome({ stream, payload }: SubmittedCommand): boolean {
  return isHomeOf(stream, payload);
}

export function pendingCommand(
  submitted: SubmittedCommand,
  arrival: Pick<SubmittedPending, 'place' | 'replayOnly' | 'resolve' | 'reject'>,
): SubmittedPending {
  const { stream } = submitted;
  return { ...arrival, kind: 'submitted', stream, submitted, crashes: 0, failedAppends: 0, outcomeUnknown: false };
}
