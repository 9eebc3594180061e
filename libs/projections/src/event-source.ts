import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type EpochMs, position, type Position, type StreamVersion } from '@ringfence/kernel/units';

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

/** Events of the log from `from` up to `to` (exclusive), in order: all of them, or all but those of ignored types. */
export type LogSpan = { readonly from: Position; readonly to: Position; readonly events: readonly RecordedEnvelope[] };

/** The span of some events without a gap, at least one. */
export function spanOf(events: readonly RecordedEnvelope[]): LogSpan {
  const [first, last] = [events.at(0), events.at(-1)];
  invariant(first !== undefined && last !== undefined, 'a span of events has a first and a last');
  return { from: first.position, to: position(last.position + 1), events };
}

/**
 * The log by pages, for rebuilds and retries. Throws as `EventSource`, and Failure `event_store_unavailable`
 * (retryable).
 */
export interface EventHistory {
  /**
   * Reads the span of at most `limit` positions from `from` on; `to` equal to `from`: there is no more.
   * @param ignored CloudEvents types whose events are left out undecoded, by the type under which the log files them.
   *   Whether their bytes are readable and of that type shows in `ringfence replay`, which reads every event. An event
   *   of any other type is decoded: reading stops at one that this release does not know.
   */
  readSpan(from: Position, limit: number, ignored: readonly string[]): Promise<LogSpan>;
  readStream(stream: StreamId, fromVersion: StreamVersion, limit: number): Promise<readonly RecordedEnvelope[]>;
  /** The number of events in the log. */
  head(): Promise<Position>;
}
