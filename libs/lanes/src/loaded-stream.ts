import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { hashOf, noPrevHash } from '@ringfence/event-catalog/hash';
import type { EventStore, RecordedEvent, Snapshot } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import type { JsonValue } from '@ringfence/kernel/json';
import { type EpochMs, epochMs, type StreamVersion, streamVersion } from '@ringfence/kernel/units';
import type { LaneModel } from './lane-models.js';

/** A stream with its state up to the end of its history. Immutable. */
export type LoadedStream<State> = {
  readonly state: State;
  readonly version: StreamVersion;
  /** SHA-256 of the bytes of its last event. */
  readonly prevHash: string;
  /** Decision time of the last event; 0: there is none. */
  readonly decidedAtMs: EpochMs;
  /** Version of the stored snapshot; 0: there is none. */
  readonly snapshotVersion: StreamVersion;
};

/** Events per page: evolving a page must not block the event loop for more than a few milliseconds. */
const loadPageMax = 500;

/** A stream whose history cannot be read or evolved, and never will. */
class HistoryBroken extends BrokenInvariant {
  constructor(
    readonly stream: StreamId,
    cause: unknown,
  ) {
    super(`the history of ${stream} cannot be evolved: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

export function emptyStream<State>(model: LaneModel<State>): LoadedStream<State> {
  return {
    state: model.initialState,
    version: streamVersion(0),
    prevHash: noPrevHash,
    decidedAtMs: epochMs(0),
    snapshotVersion: streamVersion(0),
  };
}

/**
 * Builds a stream's state from its snapshot and the events after it. A stream without events is empty, not missing.
 * @throws HistoryBroken; Failure `event_store_unavailable` (retryable)
 */
export async function loadStream<State>(
  store: EventStore,
  model: LaneModel<State>,
  stream: StreamId,
): Promise<LoadedStream<State>> {
  const snapshot = await store.loadSnapshot(stream, model.evolveVersion);
  if (snapshot === undefined) return catchUp(store, model, stream, emptyStream(model));
  const [last, ...after] = await store.readStream(stream, snapshot.version, loadPageMax);
  const base = fromSnapshot(model, snapshot, last) ?? emptyStream(model);
  const isRest = base.version === snapshot.version && after.length + 1 < loadPageMax;
  return isRest ? advanced(model, stream, base, after) : catchUp(store, model, stream, base);
}

/** Advances a loaded stream to the end of its history. @throws as `loadStream` */
export async function catchUp<State>(
  store: EventStore,
  model: LaneModel<State>,
  stream: StreamId,
  from: LoadedStream<State>,
): Promise<LoadedStream<State>> {
  let loaded = from;
  for (;;) {
    const page = await store.readStream(stream, streamVersion(loaded.version + 1), loadPageMax);
    loaded = advanced(model, stream, loaded, page);
    if (page.length < loadPageMax) return loaded;
  }
}

/** @throws HistoryBroken */
function advanced<State>(
  model: LaneModel<State>,
  stream: StreamId,
  loaded: LoadedStream<State>,
  page: readonly RecordedEvent[],
): LoadedStream<State> {
  const last = page.at(-1);
  if (last === undefined) return loaded;
  let { state, decidedAtMs } = loaded;
  try {
    for (const recorded of page) {
      const envelope = decodeRecorded(recorded);
      state = model.evolve(state, envelope.data);
      ({ decidedAtMs } = envelope);
    }
  } catch (error) {
    throw new HistoryBroken(stream, error);
  }
  return { ...loaded, state, version: last.version, prevHash: hashOf(last.bytes), decidedAtMs };
}

/**
 * @param last the event of the stream that is read at the snapshot's version
 * @returns undefined if the snapshot cannot be used; the whole history is read instead
 */
function fromSnapshot<State>(
  model: LaneModel<State>,
  { version, pieces }: Snapshot,
  last: RecordedEvent | undefined,
): LoadedStream<State> | undefined {
  // A log restored to an earlier moment may be behind its snapshots.
  if (last?.version !== version) return undefined;
  try {
    const state = model.restore(parsedPieces(pieces));
    const { decidedAtMs } = decodeRecorded(last);
    return { state, version, prevHash: hashOf(last.bytes), decidedAtMs, snapshotVersion: version };
  } catch {
    return undefined;
  }
}

/** The bytes of one piece of a snapshot, as `loadStream` reads them. */
export function pieceBytes(piece: JsonValue): Uint8Array {
  return Buffer.from(JSON.stringify(piece));
}

function* parsedPieces(pieces: readonly Uint8Array[]): Iterable<JsonValue> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (const piece of pieces) yield JSON.parse(decoder.decode(piece)) as JsonValue;
}
