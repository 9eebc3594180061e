import { isOfNewerRelease } from '@ringfence/event-catalog/failures';
import { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { LoadedStream } from './loaded-stream.js';

/**
 * Streams whose state is kept in memory. The least recently used one is evicted, and loaded again when needed.
 */
const cachedStreamsMax = 10_000;
/** Streams loaded at the same time; further ones wait, which does not delay streams already in memory. */
const loadsMax = 16;
const loadTriesMax = 5;
const loadRetryMs = 100;

export type CachedStream<State> =
  | { readonly status: 'ready'; readonly loaded: LoadedStream<State> }
  /**
   * Quarantined because of a timer: only commands that end something are decided, and timers do not fire.
   */
  | { readonly status: 'draining'; readonly loaded: LoadedStream<State> }
  /** Quarantined because of its history: there is no state, so every command is refused. */
  | { readonly status: 'unreadable' };

export type StateCacheEvents = {
  /** Reports that a stream can be decided on, or is unreadable. */
  readonly loaded: (stream: StreamId) => void;
  /**
   * Reports that a stream could not be loaded in `loadTriesMax` attempts; the next request for it tries again.
   */
  readonly unavailable: (stream: StreamId, failure: Error) => void;
  readonly unreadable: (stream: StreamId, cause: unknown) => void;
  /**
   * Reports a stream with events of a newer release. Not a quarantine: the next request for it tries again.
   */
  readonly outdated: (stream: StreamId, cause: unknown) => void;
};

/**
 * States by stream. Loading one never delays another. A quarantine lasts until the lane moves to another process or
 * this one ends.
 */
export class StateCache<State> {
  /** Cached streams, least recently used first (a Map keeps insertion order). */
  readonly #cached = new Map<StreamId, CachedStream<State>>();
  /** Draining streams, whether their states are in memory or not. */
  readonly #draining = new Set<StreamId>();
  readonly #loading = new Set<StreamId>();
  readonly #queued = new Set<StreamId>();
  /** Streams dropped while being loaded: the result may be outdated and is discarded. */
  readonly #abandoned = new Set<StreamId>();

  constructor(
    private readonly load: (stream: StreamId) => Promise<LoadedStream<State>>,
    private readonly timers: Timers,
    private readonly events: StateCacheEvents,
    private readonly streamsMax = cachedStreamsMax,
  ) {}

  get(stream: StreamId): CachedStream<State> | undefined {
    const cached = this.#cached.get(stream);
    if (cached === undefined) return undefined;
    this.#cached.delete(stream);
    this.#cached.set(stream, cached);
    return cached;
  }

  /** Says whether the stream can be decided on now; if not, loads it and reports it by `loaded`. */
  ready(stream: StreamId): boolean {
    if (this.#cached.has(stream)) return true;
    this.#request(stream);
    return false;
  }

  /** Returns its state, if it is in memory and there is one. */
  loaded(stream: StreamId): LoadedStream<State> | undefined {
    const cached = this.get(stream);
    return cached === undefined || cached.status === 'unreadable' ? undefined : cached.loaded;
  }

  set(stream: StreamId, loaded: LoadedStream<State>): void {
    this.#put(stream, { status: this.#draining.has(stream) ? 'draining' : 'ready', loaded });
  }

  /** Drops the state, so that the log is read before the next decision. A quarantine stays. */
  drop(stream: StreamId): void {
    if (this.#cached.get(stream)?.status !== 'unreadable') this.#cached.delete(stream);
  }

  /** Forgets these streams completely, including quarantines and loads in progress. */
  forget(which: (stream: StreamId) => boolean): void {
    for (const stream of [...this.#cached.keys()].filter(which)) this.#cached.delete(stream);
    for (const stream of this.#draining) if (which(stream)) this.#draining.delete(stream);
    for (const stream of [...this.#queued].filter(which)) this.#queued.delete(stream);
    for (const stream of this.#loading) if (which(stream)) this.#abandoned.add(stream);
  }

  /** Makes the stream drain. */
  drain(stream: StreamId): void {
    this.#draining.add(stream);
    const loaded = this.loaded(stream);
    if (loaded !== undefined) this.set(stream, loaded);
  }

  drains(stream: StreamId): boolean {
    return this.#draining.has(stream);
  }

  /** Streams in memory, least recently used first. */
  *entries(): IterableIterator<readonly [StreamId, LoadedStream<State>]> {
    for (const [stream, cached] of this.#cached) if (cached.status !== 'unreadable') yield [stream, cached.loaded];
  }

  #put(stream: StreamId, cached: CachedStream<State>): void {
    this.#cached.delete(stream);
    this.#cached.set(stream, cached);
    if (this.#cached.size <= this.streamsMax) return;
    for (const [oldest, { status }] of this.#cached) {
      if (status === 'unreadable') continue;
      this.#cached.delete(oldest);
      return;
    }
  }

  #request(stream: StreamId): void {
    if (this.#loading.has(stream) || this.#queued.has(stream)) return;
    if (this.#loading.size < loadsMax) this.#start(stream);
    else this.#queued.add(stream);
  }

  #start(stream: StreamId): void {
    this.#loading.add(stream);
    void this.#loadWithRetry(stream, 1).then((report) => {
      this.#loading.delete(stream);
      const [next] = this.#queued;
      if (next !== undefined) {
        this.#queued.delete(next);
        this.#start(next);
      }
      report();
    });
  }

  /** Discards a load, and notifies those who requested the stream meanwhile, so that they load it again. */
  #abandon(stream: StreamId): () => void {
    this.#abandoned.delete(stream);
    return () => {
      this.events.loaded(stream);
    };
  }

  async #loadWithRetry(stream: StreamId, attempt: number): Promise<() => void> {
    try {
      const loaded = await this.load(stream);
      if (this.#abandoned.has(stream)) return this.#abandon(stream);
      this.set(stream, loaded);
      return () => {
        this.events.loaded(stream);
      };
    } catch (error) {
      if (this.#abandoned.has(stream)) return this.#abandon(stream);
      if (isOfNewerRelease(error))
        return () => {
          this.events.outdated(stream, error);
        };
      if (!(error instanceof Failure && error.retryable)) {
        this.#put(stream, { status: 'unreadable' });
        return () => {
          this.events.unreadable(stream, error);
          this.events.loaded(stream);
        };
      }
      if (attempt === loadTriesMax)
        return () => {
          this.events.unavailable(stream, error);
        };
      await new Promise<void>((resolve) => this.timers.after(loadRetryMs * 2 ** attempt, resolve));
      return this.#loadWithRetry(stream, attempt + 1);
    }
  }
}
