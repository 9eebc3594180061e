import type { StreamId } from '@ringfence/kernel/ids';
import type { MessagePlace } from './owned-lanes.js';
import type { CommandOutcome, SubmittedCommand } from './command-dispatcher.js';

/**
 * Why a command is never decided by itself: what became of it earlier is all that can be said. `copy`: another message has brought it before, and that one is
 * done with. `erased`: a number that the decision needs was erased on the way.
 */
export type RecallOnly = 'copy' | 'erased';

/** A client's, worker's or operator's command on its way through the lane. */
export type SubmittedPending = {
  readonly kind: 'submitted';
  readonly stream: StreamId;
  readonly submitted: SubmittedCommand;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (failure: Error) => void;
  /** The message that brought it; null: it came by itself. */
  readonly place: MessagePlace | null;
  /** null: it is decided. */
  readonly recallOnly: RecallOnly | null;
  /** How often it made the decider, the encoder or the store throw, and nothing else was to blame. */
  throws: number;
  /** How often an append with it failed. */
  failedAppends: number;
  /** Whether an append with it may have gone through unseen: its outcome is looked for before it is decided again. */
  lookUpFirst: boolean;
};
/** The lane's own: time has come for a stream. At most one of a stream waits. `throws`: as of a command, since it came. */
export type DuePending = { readonly kind: 'due'; readonly stream: StreamId; throws: number };
export type Pending = SubmittedPending | DuePending;

export function submittedJustNow(
  submitted: SubmittedCommand,
  arrival: Pick<SubmittedPending, 'place' | 'recallOnly' | 'resolve' | 'reject'>,
): SubmittedPending {
  const { stream } = submitted;
  return { ...arrival, kind: 'submitted', stream, submitted, throws: 0, failedAppends: 0, lookUpFirst: false };
}
