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
   * A lower bound of the new epoch: the topic may have epochs that a restored database does not know.
   */
  readonly above: Epoch;
};

/** Ownership until another process takes it. From then on each method throws Failure `relay_lease_lost`: stop. */
export interface RelayLease {
  /** Number that rises with each owner. */
  readonly epoch: Epoch;
  /** Renews the lease. */
  renew(): Promise<void>;
  /** Settles if the lease was still ours at the time of the call. */
  check(): Promise<void>;
  /** Ends the lease, so that the next owner can begin at once. */
  release(): Promise<void>;
}
