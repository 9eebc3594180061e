import type { Position } from '@ringfence/kernel/units';

/**
 * The checkpoint of each reactor: the position of the next event that it will act on. Not a projection: it is backed up
 * with the log, never rebuilt. Every method may throw Failure `reactor_checkpoints_unavailable` (retryable).
 */
export interface ReactorCheckpoints {
  /**
   * Makes the caller the reactor's only owner; the previous one can no longer save.
   * @param owner names this process
   */
  take(reactor: string, owner: string): Promise<ReactorLease>;
  close(): Promise<void>;
}
export interface ReactorLease {
  /** The position of the next event; 0: nothing was ever saved. */
  readonly next: Position;
  /** Durable when it settles. @throws Failure `reactor_lease_lost` (stop: another owner has the reactor) */
  save(next: Position): Promise<void>;
}
