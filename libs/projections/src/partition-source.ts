import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Position } from '@ringfence/kernel/units';
import type { PartitionPositions } from './partitions.js';
import type { RunnableProjection } from './runnable-projection.js';

/**
 * All events of a partition from `from` up to `to` (exclusive), in order. An empty span means that the partition has
 * been seen up to `to`.
 */
export type PartitionSpan = {
  readonly partition: number;
  readonly from: Position;
  readonly to: Position;
  readonly events: readonly RecordedEnvelope[];
};

/** The positions at which newly assigned partitions begin. May throw retryable failures: the call is then repeated. */
export type StartsOf = (partitions: readonly number[]) => Promise<PartitionPositions>;

/** The log by the partitions of its topic, shared among the processes that run the same projection. */
export interface PartitionSource {
  /** Number of partitions, one per lane of the log; all events of a stream are in the partition of its lane. */
  readonly partitions: number;
  /** Takes a share of the partitions, until `close`. */
  open(projection: RunnableProjection, startsOf: StartsOf): PartitionReading;
}

export interface PartitionReading {
  /**
   * The next spans: at most one of each assigned partition, at most `spanEventsMax` events together. An empty answer is
   * a heartbeat: everything known of the assigned partitions has been handed over. Assignments may overlap briefly:
   * another process may hold the same partition for a moment.
   * @throws Failure of the catalogue when an event cannot be read, or when the topic is not this log's: a reader stops
   *   there, it never skips; retryable ones, of the log and of `startsOf`
   */
  next(signal: AbortSignal): Promise<readonly PartitionSpan[]>;
  /** Discards what was handed over: `startsOf` says again where each partition goes on. */
  startOver(): void;
  /** Leaves the partitions to other processes. Never rejects. */
  close(): Promise<void>;
}

/** The most events in one answer. */
export const spanEventsMax = 1_000;
