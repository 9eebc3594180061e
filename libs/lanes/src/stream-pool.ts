import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { StreamId } from '@ringfence/kernel/ids';
import type { FairCommandQueue } from './fair-command-queue.js';
import type { LaneModel } from './lane-models.js';
import type { LoadedStream } from './loaded-stream.js';
import type { PlatformReference } from './platform-reference.js';
import type { CachedStream, StateCache } from './state-cache.js';

/** One kind of stream as the executor handles it: where its commands wait, and where its states are. */
export interface StreamPool<State> {
  readonly intake: FairCommandQueue;
  readonly model: LaneModel<State>;
  /** Whether the stream can be decided on now; loads it if not. */
  ready(stream: StreamId): boolean;
  standing(stream: StreamId): CachedStream<State> | undefined;
  /** Takes over what was just committed. */
  commit(stream: StreamId, loaded: LoadedStream<State>): void;
  /** Forgets what is in memory: the log is read before the next decision. */
  drop(stream: StreamId): void | Promise<void>;
  /** Its timer makes us fail: time does not act on it any more, and nothing new begins there. */
  drain(stream: StreamId): void;
  /** Time has come for the stream; nothing happens where it does not act any more. */
  offerDue(stream: StreamId): void;
}

export class AccountStreams<State> implements StreamPool<State> {
  constructor(
    readonly intake: FairCommandQueue,
    readonly model: LaneModel<State>,
    private readonly cache: StateCache<State>,
  ) {}

  ready(stream: StreamId): boolean {
    return this.cache.ready(stream);
  }

  standing(stream: StreamId): CachedStream<State> | undefined {
    return this.cache.get(stream);
  }

  commit(stream: StreamId, loaded: LoadedStream<State>): void {
    this.cache.set(stream, loaded);
  }

  drop(stream: StreamId): void {
    this.cache.drop(stream);
  }

  drain(stream: StreamId): void {
    this.cache.drain(stream);
  }

  offerDue(stream: StreamId): void {
    if (!this.cache.drains(stream)) this.intake.offerDue(stream);
  }
}

/** The platform's one stream: always in memory, for every decision may read it. */
export class PlatformStream implements StreamPool<PlatformState> {
  #timersStand = false;

  constructor(
    readonly intake: FairCommandQueue,
    readonly model: LaneModel<PlatformState>,
    private readonly reference: PlatformReference,
  ) {}

  ready(): boolean {
    return true;
  }

  standing(): CachedStream<PlatformState> {
    return { status: 'ready', loaded: this.reference.loaded };
  }

  commit(_stream: StreamId, loaded: LoadedStream<PlatformState>): void {
    this.reference.set(loaded);
  }

  drop(): Promise<void> {
    return this.reference.refresh();
  }

  /** It cannot be done without: its timers are left alone, its commands go on. */
  drain(): void {
    this.#timersStand = true;
  }

  offerDue(stream: StreamId): void {
    if (!this.#timersStand) this.intake.offerDue(stream);
  }
}
