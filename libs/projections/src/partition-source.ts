import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Position } from '@ringfence/kernel/units';
import type { PartitionPositions } from './partitions.js';
import type { RunnableProjection } from './runnable-projection.js';

/** All events of a partition from `from` up to `to` (exclusive), in order. None at all says that the partition has been seen up to `to`. */
export type PartitionSpan = {
  readonly partition: number;
  readonly from: Position;
  readonly to: Position;
  readonly events: readonly RecordedEnvelope[];
};

/** Where a partition is to be begun that has become ours. May throw what is retryable: it is asked again. */
export type StartsOf = (partitions: readonly number[]) => Promise<PartitionPositions>;

/** The log by the partitions of its topic, shared among the processes that run the same projection. */
export interface PartitionSource {
  /** As many as the log has lanes; a stream's events are all in that of its lane. */
  readonly partitions: number;
  /** Takes a share of the partitions, until `close`. */
  open(projection: RunnableProjection, startsOf: StartsOf): PartitionReading;
}

export interface PartitionReading {
  /**
   * What is next: of each partition that is ours at most one span, at most `spanEventsMax` events together. Nothing at all is a heartbeat: all that
   * is known of our partitions has been handed over. Partitions are shared, but not exactly: somebody else may be given the same for a moment.
   * @throws Failure of the catalogue when an event cannot be read, and what says that the topic is not this log's: a reader stops there, it never skips;
   *   retryable ones, of the log and of `startsOf`
   */
  next(signal: AbortSignal): Promise<readonly PartitionSpan[]>;
  /** What was handed over is worth nothing: `startsOf` says anew where each partition goes on. */
  startOver(): void;
  /** Leaves the partitions to the others. Never rejects. */
  close(): Promise<void>;
}

/** Events of one answer. */
export const spanEventsMax = 1_000;
