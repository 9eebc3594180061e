import type { EventStore } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { LaneMetrics } from './lane-metrics.js';
import type { LaneModel } from './lane-models.js';
import { type LoadedStream, pieceBytes } from './loaded-stream.js';

/** Events after which a snapshot is worth its cost, or four times the size of the state if that is more. */
const snapshotAfterEventsMin = 1_000;
/** The most snapshots that wait to be written; a stream that did not fit requests one again at its next event. */
const snapshotsWaitingMax = 256;

/**
 * Time for which snapshots are written at a clean stop, and the number of events since the last one that make a stream
 * eligible.
 */
const stopSnapshotMsMax = 3_000;
const stopSnapshotEventsMin = 200;

/** Pause after each piece: a large snapshot takes a second or two longer, but delays no command. */
const pieceEveryMs = 4;

export function snapshotIsDue<State>(model: LaneModel<State>, loaded: LoadedStream<State>): boolean {
  const since = loaded.version - loaded.snapshotVersion;
  // Checked for most streams after each batch, so the size is computed only beyond the cheap bound.
  return since >= snapshotAfterEventsMin && since >= 4 * model.size(loaded.state);
}

/** Source of snapshots: the streams of one kind. */
type SnapshotSource<State> = {
  readonly model: LaneModel<State>;
  readonly snapshotSaved: (stream: StreamId, version: LoadedStream<State>['version']) => void;
};

type Job = { readonly stream: StreamId; readonly write: () => Promise<void> };

/**
 * Writes snapshots beside the lane: one at a time, piece by piece, yielding to the event loop in between. States are
 * immutable, so a snapshot is consistent. One that cannot be written is skipped, because the log holds everything.
 */
export class Snapshotter {
  readonly #waiting: Job[] = [];
  readonly #streams = new Set<StreamId>();
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly timers: Timers,
    private readonly metrics: LaneMetrics,
  ) {}

  offer<State>(source: SnapshotSource<State>, stream: StreamId, loaded: LoadedStream<State>): void {
    if (this.#stopped || this.#streams.has(stream) || this.#waiting.length >= snapshotsWaitingMax) return;
    this.#streams.add(stream);
    this.#waiting.push({ stream, write: () => this.#write(source, stream, loaded) });
    this.#running ??= this.#run();
  }

  /** Writes the snapshots that are worth it at a stop, one after the other, in this order. Bounded in time. */
  async setAside<State>(
    source: SnapshotSource<State>,
    streams: Iterable<readonly [StreamId, LoadedStream<State>]>,
  ): Promise<void> {
    const until = this.timers.monotonicMs() + stopSnapshotMsMax;
    for (const [stream, loaded] of streams) {
      if (this.timers.monotonicMs() > until) return;
      if (loaded.version - loaded.snapshotVersion < stopSnapshotEventsMin) continue;
      this.offer(source, stream, loaded);
      await this.#running;
    }
  }

  /** Finishes the snapshot being written, and drops the others. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.length = 0;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      try {
        await job.write();
      } catch {
        this.metrics.appendFailed('snapshot');
      }
      this.#streams.delete(job.stream);
    }
    this.#running = undefined;
  }

  async #write<State>(source: SnapshotSource<State>, stream: StreamId, loaded: LoadedStream<State>): Promise<void> {
    const { model } = source;
    const startedAtMs = this.timers.monotonicMs();
    const pieces: Uint8Array[] = [];
    for (const piece of model.snapshot(loaded.state)) {
      pieces.push(pieceBytes(piece));
      await pause(this.timers, this.#stopped ? 0 : pieceEveryMs);
    }
    await this.store.saveSnapshot({ stream, version: loaded.version, evolveVersion: model.evolveVersion, pieces });
    this.metrics.snapshotSaved(pieces.length, this.timers.monotonicMs() - startedAtMs);
    source.snapshotSaved(stream, loaded.version);
  }
}
