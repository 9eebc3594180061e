import type { Epoch } from '@ringfence/kernel/lane';

/** Decides which process of a cluster relays. Every method may throw Failure `relay_leases_unavailable` (retryable). */
export interface RelayLeases {
  /**
   * Makes the caller the relay's only owner, unless another one renewed its lease less than `silentMs` ago: then null.
   */
  take(taking: LeaseTaking): Promise<RelayLease | null>;
}

export type LeaseTaking = {
  readonly relay: string;
  /** Names this process. */
  readonly owner: string;
  readonly silentMs: number;
  /**
   * The new epoch is higher than this one too: the topic may remember epochs that the database, brought back, does not.
   */
  readonly above: Epoch;
};

/** Ownership until somebody else takes it. Each method throws Failure `relay_lease_lost` from then on: stop. */
export interface RelayLease {
  /** Counts the owners: higher with each. */
  readonly epoch: Epoch;
  /** Says that the owner lives. */
  renew(): Promise<void>;
  /** Settles if the lease was still ours when it was asked. */
  check(): Promise<void>;
  /** Lets the next owner begin at once. */
  release(): Promise<void>;
}
