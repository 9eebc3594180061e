import type { Lane } from '@ringfence/kernel/lane';
import type { CommittedTransaction, PendingRecords, TransactionEnd } from '@ringfence/ports/message-bus/message';
import type { OwnedLanes } from './owned-lanes.js';

/**
 * The transactions of producers in the partitions of our lanes, from their first record until their records are
 * consumed.
 */
export class LaneTransactions {
  /** @param write records a lane's present consumed offsets in the log */
  constructor(
    private readonly lanes: OwnedLanes,
    private readonly write: (lane: Lane) => Promise<void>,
  ) {}

  /**
   * Takes records and markers in the order of their partition.
   * @returns the records that are not followed, because too many transactions of their lane are open
   * @throws Failure `lane_unavailable` (retryable)
   */
  follow(items: readonly (PendingRecords | TransactionEnd)[]): readonly PendingRecords[] {
    const notFollowed = items.flatMap((item) => {
      const consumption = this.lanes.mine(item.partition as Lane);
      if (item.kind === 'pending') return consumption.keep(item.producer, item.offset) ? [] : item;
      consumption.end(item.producer, item.offset, item.committed);
      return [];
    });
    if (items.length > 0) this.lanes.reportTransactions();
    return notFollowed;
  }

  /** Returns a lane's committed transactions whose records are not consumed; none of a lane that is not ours. */
  committedIn(lane: Lane): readonly CommittedTransaction[] {
    return this.lanes.consumptionOf(lane)?.committed ?? [];
  }

  /**
   * Records in the log that the records of a transaction are consumed.
   * @throws Failure (retryable): the log may not have recorded it, and the transaction is still to be consumed. Its
   * records are then duplicates
   */
  async done(lane: Lane, transaction: CommittedTransaction): Promise<void> {
    const consumption = this.lanes.mine(lane);
    consumption.forget(transaction);
    try {
      await this.write(lane);
    } catch (failure) {
      consumption.remember(transaction);
      throw failure;
    } finally {
      this.lanes.reportTransactions();
    }
  }
}
