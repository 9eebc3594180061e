import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import { platformStream, type StreamId } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { FairCommandQueue } from './fair-command-queue.js';
import type { LaneClock } from './lane-clock.js';
import type { LaneModel } from './lane-models.js';
import { type LoadedStream, loadStream } from './loaded-stream.js';
import type { PlatformReference } from './platform-reference.js';
import { snapshotIsDue, type Snapshotter } from './snapshotter.js';
import { type CachedStream, StateCache, type StateCacheEvents } from './state-cache.js';

/** The streams of one kind with their states, for batches. */
export interface StreamPool<State> {
  readonly intake: FairCommandQueue;
  readonly model: LaneModel<State>;
  /** Says whether the stream can be decided on now; loads it if not. */
  ready(stream: StreamId): boolean;
  cached(stream: StreamId): CachedStream<State> | undefined;
  /** Adopts the state just committed. */
  commit(stream: StreamId, loaded: LoadedStream<State>): void;
  /** Drops the state, so that the log is read before the next decision. */
  drop(stream: StreamId): void | Promise<void>;
  /** Drains a stream whose timer makes us fail: its timers no longer fire, and nothing new begins. */
  drain(stream: StreamId): void;
}

/** The streams of one kind, independent of the type of their states. */
export interface Pool {
  /** Queue of waiting commands for these streams. */
  readonly intake: FairCommandQueue;
  /** Says by its id whether the stream is of this kind. */
  owns(stream: StreamId): boolean;
  /** Enqueues due timers of the stream, unless it is quarantined. */
  offerDue(stream: StreamId): void;
  /** Forgets these streams completely. */
  forget(which: (stream: StreamId) => boolean): void;
  /**
   * Writes snapshots at a stop, of states that would take long to rebuild, most recently used first. Bounded in time.
   */
  snapshotHot(): Promise<void>;
  /** Runs work that depends on the type of the states. */
  visit<Result>(work: <State>(pool: StreamPool<State>) => Result): Result;
}

/** Parts of a pool. */
export type PoolParts = {
  readonly store: EventStore;
  readonly timers: Timers;
  readonly clock: LaneClock;
  readonly snapshotter: Snapshotter;
  readonly reference: PlatformReference;
  readonly events: StateCacheEvents;
};

/** Many streams of one kind, of which the most recently used are in memory. */
export class CachedStreams<State> implements StreamPool<State>, Pool {
  readonly intake = new FairCommandQueue();
  readonly #cache: StateCache<State>;
  readonly #snapshotter: Snapshotter;

  constructor(
    readonly owns: (stream: StreamId) => boolean,
    readonly model: LaneModel<State>,
    { store, timers, clock, snapshotter, events }: Omit<PoolParts, 'reference'>,
  ) {
    this.#cache = new StateCache(async (stream) => clock.after(await loadStream(store, model, stream)), timers, events);
    this.#snapshotter = snapshotter;
  }

  ready(stream: StreamId): boolean {
    return this.#cache.ready(stream);
  }

  cached(stream: StreamId): CachedStream<State> | undefined {
    return this.#cache.get(stream);
  }

  commit(stream: StreamId, written: LoadedStream<State>): void {
    // A snapshot may have been stored while the batch was decided and written.
    const snapshotVersion = this.#cache.loaded(stream)?.snapshotVersion ?? written.snapshotVersion;
    const loaded = snapshotVersion > written.snapshotVersion ? { ...written, snapshotVersion } : written;
    this.#cache.set(stream, loaded);
    if (snapshotIsDue(this.model, loaded)) this.#snapshotter.offer(this, stream, loaded);
  }

  /** Notes that the snapshot of this version is stored. */
  snapshotSaved(stream: StreamId, version: LoadedStream<State>['version']): void {
    const loaded = this.#cache.loaded(stream);
    if (loaded !== undefined) this.#cache.set(stream, { ...loaded, snapshotVersion: version });
  }

  drop(stream: StreamId): void {
    this.#cache.drop(stream);
  }

  drain(stream: StreamId): void {
    this.#cache.drain(stream);
  }

  offerDue(stream: StreamId): void {
    if (!this.#cache.drains(stream)) this.intake.offerDue(stream);
  }

  forget(which: (stream: StreamId) => boolean): void {
    this.#cache.forget(which);
  }

  async snapshotHot(): Promise<void> {
    await this.#snapshotter.setAside(this, [...this.#cache.entries()].reverse());
  }

  visit<Result>(work: <Each>(pool: StreamPool<Each>) => Result): Result {
    return work(this);
  }
}

/** The platform's only stream, always in memory because every decision may read it. */
export class PlatformStream implements StreamPool<PlatformState>, Pool {
  readonly intake = new FairCommandQueue();
  #timersStopped = false;

  constructor(
    readonly model: LaneModel<PlatformState>,
    private readonly reference: PlatformReference,
  ) {}

  owns(stream: StreamId): boolean {
    return stream === platformStream;
  }

  ready(): boolean {
    return true;
  }

  cached(): CachedStream<PlatformState> {
    return { status: 'ready', loaded: this.reference.loaded };
  }

  commit(_stream: StreamId, loaded: LoadedStream<PlatformState>): void {
    this.reference.set(loaded);
  }

  drop(): Promise<void> {
    return this.reference.refresh();
  }

  /** Does not drain, because nothing works without the platform: its timers are left out, its commands continue. */
  drain(): void {
    this.#timersStopped = true;
  }

  offerDue(stream: StreamId): void {
    if (!this.#timersStopped) this.intake.offerDue(stream);
  }

  /** Keeps the state, which is needed whichever lanes this process has. */
  forget(): void {
    return;
  }

  /** Writes nothing, because its history is short. */
  snapshotHot(): Promise<void> {
    return Promise.resolve();
  }

  visit<Result>(work: <Each>(pool: StreamPool<Each>) => Result): Result {
    return work(this);
  }
}
