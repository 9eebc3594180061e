import type { RefusalCode } from '@ringfence/domain/refusals';

/**
 * Metrics of the lane. Called on the hot path: must be cheap and must not throw. Times in milliseconds with a fraction.
 */
export interface LaneMetrics {
  /**
   * One drained batch: its commands, what deciding them took, what the append or the fenced read took, and the events
   * written.
   */
  batch(commands: number, decideMs: number, appendMs: number, events: number): void;
  /** Commands waiting, over all accounts. */
  queueLength(waiting: number): void;
  /** Transactions in the partitions of our lanes that are open, or committed and not done with. */
  transactionsOpen(count: number): void;
  refused(code: RefusalCode): void;
  parked(): void;
  quarantined(): void;
  appendFailed(code: string): void;
  snapshotSaved(pieces: number, tookMs: number): void;
  /** Reports how far our clock is ahead of the store's, and the timestamps of decisions ahead of our clock. */
  clockOffset(aheadMs: number, stampsAheadMs: number): void;
}

const nothing = (): void => undefined;
export const silentLaneMetrics: LaneMetrics = {
  batch: nothing,
  queueLength: nothing,
  transactionsOpen: nothing,
  refused: nothing,
  parked: nothing,
  quarantined: nothing,
  appendFailed: nothing,
  snapshotSaved: nothing,
  clockOffset: nothing,
};
