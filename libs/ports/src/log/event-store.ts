import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import type { Epoch, Lane } from '@ringfence/kernel/lane';
import type { EpochMs, Position, StreamVersion } from '@ringfence/kernel/units';

/** Token of the port, for `@Inject`. */
export const EVENT_STORE = Symbol('EventStore');

/** An event to be appended. Its bytes are final; the position is not part of them, because the commit assigns it. */
export type EventToAppend = {
  /** CloudEvents type with version, `ringfence.call.placed.v1`. */
  readonly type: string;
  /** Id of the call, key or account that the event concerns. Indexed. */
  readonly subject: string;
  /** Canonical JSON, ≤ 32 KiB. */
  readonly bytes: Uint8Array;
};

export type RecordedEvent = EventToAppend & {
  readonly position: Position;
  readonly stream: StreamId;
  readonly version: StreamVersion;
};

export type StreamAppend = {
  readonly stream: StreamId;
  /** The version of the stream's last event; 0: there is none. New events get the following versions. */
  readonly expectedVersion: StreamVersion;
  readonly events: readonly EventToAppend[];
  /** Moment at which the stream's next timer is due; null: never. */
  readonly nextDueMs: EpochMs | null;
};

/** The outcome of a command, kept for ever under (stream, commandId). Holds no secret and no personal value. */
export type KeptOutcome = {
  readonly stream: StreamId;
  readonly commandId: CommandId;
  /** HMAC over the fields that the client sent. */
  readonly fingerprint: Uint8Array;
  readonly accepted: boolean;
  /** Canonical JSON: the accepted command's result, or the refusal. */
  readonly body: Uint8Array;
};
/** `position`: that of the command's last event, or of the head for a refusal. */
export type RecordedOutcome = KeptOutcome & { readonly position: Position };

/** The right to write for one lane, valid until another owner takes the lane's next epoch. */
export type LaneFence = { readonly lane: Lane; readonly epoch: Epoch };
/**
 * A transaction in a lane's partition whose records are not consumed, although later offsets may be. `first`: offset of
 * its first record. `end`: offset of the marker that committed it; null: it is open.
 */
export type LaneTransaction = { readonly producer: bigint; readonly first: bigint; readonly end: bigint | null };
/**
 * The consumed offsets of a lane's partition: all below `next`, and those at `above` (ascending, at most 4 096), except
 * the records of `transactions` (at most `laneTransactionsMax`).
 */
export type ConsumedOffsets = {
  readonly next: bigint;
  readonly above: readonly bigint[];
  readonly transactions: readonly LaneTransaction[];
};
/** `consumed`: the offsets committed by earlier owners; null: nothing was ever consumed. */
export type TakenLane = LaneFence & { readonly consumed: ConsumedOffsets | null };

export type AppendBatch = {
  /** Each stream at most once; at most 4 096 events in all. */
  readonly appends: readonly StreamAppend[];
  /** Streams that must still have this version and are not written to. */
  readonly unchanged: readonly { readonly stream: StreamId; readonly version: StreamVersion }[];
  /** `lastEvent`: index of the outcome's last event among the batch's events in order of `appends`; -1: a refusal. */
  readonly outcomes: readonly (KeptOutcome & { readonly lastEvent: number })[];
  readonly consumed?: readonly ({ readonly lane: Lane } & ConsumedOffsets)[];
  /** The fences of all lanes that the batch writes for. */
  readonly fences: readonly LaneFence[];
};

export type AppendResult = {
  /** Position of the batch's first event; its events follow densely in order of `appends`. With no events: the head. */
  readonly first: Position;
  /**
   * The number of events in the log after the batch and the others that were committed with it: the next position. A
   * kept refusal has this position.
   */
  readonly head: Position;
};

export type Snapshot = {
  readonly stream: StreamId;
  readonly version: StreamVersion;
  readonly evolveVersion: number;
  readonly pieces: readonly Uint8Array[];
};

export type DueStream = { readonly stream: StreamId; readonly nextDueMs: EpochMs };
export type DueAsked = {
  readonly laneCount: number;
  /** The lanes whose streams with `nextDueMs ≤ before` are requested. */
  readonly lanes: readonly Lane[];
  readonly before: EpochMs;
  /** Streams examined for one page, including those of other lanes. */
  readonly limit: number;
  /** The last stream of the previous page; null: begin with the first. */
  readonly after: DueStream | null;
};
/** @property last the last stream examined, after which the next page begins; null: there are no more */
export type DuePage = { readonly due: readonly DueStream[]; readonly last: DueStream | null };

/**
 * A page of the log without events of some types.
 * @property next the position after the last event examined; equal to the page's start: there are no more
 */
export type FilteredPage = { readonly events: readonly RecordedEvent[]; readonly next: Position };

export const eventBytesMax = 32_768;
export const batchEventsMax = 4_096;
export const readLimitMax = 10_000;
export const laneTransactionsMax = 256;

/**
 * The log. Positions are dense and commit-ordered: a reader that has seen n has seen everything below n. Every method
 * may throw Failure `event_store_unavailable` (retryable; for `append` the outcome is then unknown: look the command
 * ids up first).
 */
export interface EventStore {
  /**
   * Appends one batch, all or nothing: events, outcomes, offsets and head move in one transaction, in one round trip.
   * Batches that are appended at the same time may share the transaction; none fails because of another.
   * @throws Failure `event_store_conflict` (a stream is not at `expectedVersion`: under a valid fence a broken
   * invariant), `stream_changed` (retryable: a stream named in `unchanged` has moved; read it again and decide again),
   * `lane_lease_lost` (stop: another owner has the lane), `outcome_already_kept` (the command id has an outcome; look
   * it up), `event_too_large`, `batch_too_large`
   */
  append(batch: AppendBatch): Promise<AppendResult>;
  /** Events of one stream from `fromVersion` on, in order, at most `limit` (≤ readLimitMax). */
  readStream(stream: StreamId, fromVersion: StreamVersion, limit: number): Promise<readonly RecordedEvent[]>;
  /** Events from `from` on, in order, without a gap, at most `limit` (≤ readLimitMax). */
  readAll(from: Position, limit: number): Promise<readonly RecordedEvent[]>;
  /**
   * A `readAll` that leaves out events of the types `omitted`: they count towards `limit`, but their bytes stay in the
   * store. Every event of another type is returned, whether the reader knows that type or not.
   */
  readAllExcept(omitted: readonly string[], from: Position, limit: number): Promise<FilteredPage>;
  /**
   * The events at these positions, in order of the log; positions beyond the head are left out. At most readLimitMax of
   * them.
   */
  readAt(positions: readonly Position[]): Promise<readonly RecordedEvent[]>;
  /** Events about one subject, in order, at most `limit`. */
  readSubject(subject: string, limit: number): Promise<readonly RecordedEvent[]>;
  /**
   * The position after the last event of a stream: a reader of everything below it has the whole stream. 0: there is no
   * event.
   */
  streamEnd(stream: StreamId): Promise<Position>;
  /** The number of events in the log: the position that the next one will get. */
  head(): Promise<Position>;
  /**
   * Every event from `from` on, in order, each exactly once, until the iteration ends. An empty batch is a heartbeat:
   * at that moment the reader had seen everything. While there is nothing to read, heartbeats arrive at least every 500
   * ms. Survives a restart of the store.
   */
  subscribe(from: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]>;

  findOutcomes(
    keys: readonly { readonly stream: StreamId; readonly commandId: CommandId }[],
  ): Promise<readonly RecordedOutcome[]>;
  /**
   * Takes the next epoch of each lane; from now on no other owner's append is accepted. `owner` names this process.
   */
  takeLanes(lanes: readonly Lane[], owner: string): Promise<readonly TakenLane[]>;
  /**
   * Reads the head after the call, and checks that every fence is valid.
   * @returns the head at that moment
   * @throws Failure `lane_lease_lost`
   */
  fencedRead(fences: readonly LaneFence[]): Promise<Position>;
  /** A page of streams with due timers, earliest first. */
  dueStreams(asked: DueAsked): Promise<DuePage>;
  loadSnapshot(stream: StreamId, evolveVersion: number): Promise<Snapshot | undefined>;
  /** Replaces an older snapshot of the stream, outside of any append. */
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  /**
   * A content-addressed blob (a rate deck's rows): kept under the lower-case hex SHA-256 of its bytes, which is
   * returned.
   */
  putBlob(bytes: Uint8Array): Promise<string>;
  getBlob(sha256: string): Promise<Uint8Array | undefined>;
  /** The store's own clock, to compare with ours. */
  clock(): Promise<EpochMs>;
  close(): Promise<void>;
}
