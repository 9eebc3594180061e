import type { RefusalCode } from '@ringfence/domain/refusals';

/**
 * Metrics of the lane. Called on the hot path, so must be cheap and must not throw. Times are fractional milliseconds.
 */
export interface LaneMetrics {
  /**
   * Reports one batch: number of commands, time of the decisions, time of the append or fenced read, number of events
   * written.
   */
  batch(commands: number, decideMs: number, appendMs: number, events: number): void;
  /** Reports the number of waiting commands of all accounts. */
  queueLength(waiting: number): void;
  /** Reports the number of transactions in the partitions of our lanes that are open, or committed but not consumed. */
  transactionsOpen(count: number): void;
  refused(code: RefusalCode): void;
  parked(): void;
  quarantined(): void;
  appendFailed(code: string): void;
  snapshotSaved(pieces: number, tookMs: number): void;
  /** Reports how far our clock is ahead of the store's, and how far timestamps are ahead of our clock. */
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
