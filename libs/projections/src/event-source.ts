import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { StreamId } from '@ringfence/kernel/ids';
import type { EpochMs, Position, StreamVersion } from '@ringfence/kernel/units';

export interface EventSource {
  /**
   * Every event from `from` on, in order, without a gap, until `signal` aborts. An empty batch is a heartbeat: at that
   * moment everything had been seen. A batch may hold events that were delivered before a failure: consumers count each
   * once.
   * @throws Failure of the catalogue when an event cannot be read: a reader stops there, it never skips
   */
  subscribe(from: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEnvelope[]>;
  /**
   * The moment that the last heartbeat states, in a source that follows the log indirectly: it may be some time ago.
   * Without this member a heartbeat states the moment at which it arrives.
   */
  seenAllAtMs?(): EpochMs | undefined;
}

/**
 * The log by pages, for rebuilds and retries. Throws as `EventSource`, and Failure `event_store_unavailable`
 * (retryable).
 */
export interface EventHistory {
  /** Reads events from `from` on, in order, at most `limit`; empty: there is no more. */
  read(from: Position, limit: number): Promise<readonly RecordedEnvelope[]>;
  readStream(stream: StreamId, fromVersion: StreamVersion, limit: number): Promise<readonly RecordedEnvelope[]>;
  /** The number of events in the log. */
  head(): Promise<Position>;
}
