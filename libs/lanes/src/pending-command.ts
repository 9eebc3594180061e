import type { StreamId } from '@ringfence/kernel/ids';
import type { MessageOffset } from './owned-lanes.js';
import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';

/**
 * Reason why a command is never decided by itself: only its earlier outcome can be returned. `copy`: another message
 * has brought it before, and that one is consumed. `erased`: a number that the decision needs was erased on the way.
 */
export type ReplayOnly = 'copy' | 'erased';

/** A client's, worker's or operator's command on its way through the lane. */
export type SubmittedPending = {
  readonly kind: 'submitted';
  readonly stream: StreamId;
  readonly submitted: SubmittedCommand;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (failure: Error) => void;
  /** The message that brought it; null: it came by itself. */
  readonly place: MessageOffset | null;
  /** null: it is decided. */
  readonly replayOnly: ReplayOnly | null;
  /** Number of times that it made the decider, the encoder or the store throw, and nothing else was to blame. */
  crashes: number;
  /** Number of times that an append with it failed. */
  failedAppends: number;
  /** True if an append with it may have gone through unseen: its outcome is looked up before it is decided again. */
  outcomeUnknown: boolean;
};
/**
 * The lane's own: time has come for a stream. At most one of a stream waits. `throws`: as of a command, since it came.
 */
export type DuePending = { readonly kind: 'due'; readonly stream: StreamId; crashes: number };
export type Pending = SubmittedPending | DuePending;

export function pendingCommand(
  submitted: SubmittedCommand,
  arrival: Pick<SubmittedPending, 'place' | 'replayOnly' | 'resolve' | 'reject'>,
): SubmittedPending {
  const { stream } = submitted;
  return { ...arrival, kind: 'submitted', stream, submitted, crashes: 0, failedAppends: 0, outcomeUnknown: false };
}
