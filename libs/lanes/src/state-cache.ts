import { isOfNewerRelease } from '@ringfence/event-catalog/failures';
import { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { LoadedStream } from './loaded-stream.js';

/**
 * Streams whose state is kept in memory; the one not used for longest goes first, and is loaded again when it is
 * needed.
 */
const cachedStreamsMax = 10_000;
/** Streams loaded at once; others wait their turn, those already in memory do not. */
const loadsMax = 16;
const loadTriesMax = 5;
const loadRetryMs = 100;

export type CachedStream<State> =
  | { readonly status: 'ready'; readonly loaded: LoadedStream<State> }
  /**
   * Quarantined for what its timer does: what ends something is decided, nothing new begins, and time does not act on
   * it.
   */
  | { readonly status: 'draining'; readonly loaded: LoadedStream<State> }
  /** Quarantined for its history, which makes us fail: there is no state, so every command for it is refused. */
  | { readonly status: 'unreadable' };

export type StateCacheEvents = {
  /** A stream can be decided on, or has turned out to be unreadable. */
  readonly loaded: (stream: StreamId) => void;
  /**
   * Reports that a stream could not be loaded in `loadTriesMax` tries; it will be tried again when it is asked for
   * again.
   */
  readonly unavailable: (stream: StreamId, failure: Error) => void;
  readonly unreadable: (stream: StreamId, cause: unknown) => void;
  /**
   * A newer release has written to it what ours does not know. Not a quarantine: it is looked at again when somebody
   * asks for it again.
   */
  readonly outdated: (stream: StreamId, cause: unknown) => void;
};

/**
 * States by stream. Loading one never keeps another waiting. A quarantine lasts until the lane goes to another process
 * or this one ends.
 */
export class StateCache<State> {
  /** A Map keeps insertion order: the first is the one not used for longest. */
  readonly #cached = new Map<StreamId, CachedStream<State>>();
  /** Streams that drain, whether their states are in memory or not. */
  readonly #draining = new Set<StreamId>();
  readonly #loading = new Set<StreamId>();
  readonly #queued = new Set<StreamId>();
  /** Being loaded, and not wanted any more: what comes of it may be old by the time it is. */
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

  /** Says whether the stream can be decided on now; if not, it is loaded, and `loaded` says when. */
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

  /** Forgets what is in memory: the log is read before the next decision. A quarantine stays. */
  drop(stream: StreamId): void {
    if (this.#cached.get(stream)?.status !== 'unreadable') this.#cached.delete(stream);
  }

  /** Forgets everything of these streams, quarantines and what is being loaded included. */
  forget(which: (stream: StreamId) => boolean): void {
    for (const stream of [...this.#cached.keys()].filter(which)) this.#cached.delete(stream);
    for (const stream of this.#draining) if (which(stream)) this.#draining.delete(stream);
    for (const stream of [...this.#queued].filter(which)) this.#queued.delete(stream);
    for (const stream of this.#loading) if (which(stream)) this.#abandoned.add(stream);
  }

  /** Drains the stream from now on. */
  drain(stream: StreamId): void {
    this.#draining.add(stream);
    const loaded = this.loaded(stream);
    if (loaded !== undefined) this.set(stream, loaded);
  }

  drains(stream: StreamId): boolean {
    return this.#draining.has(stream);
  }

  /** Streams in memory, least lately used first. */
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
    void this.#loadStubbornly(stream, 1).then((report) => {
      this.#loading.delete(stream);
      const [next] = this.#queued;
      if (next !== undefined) {
        this.#queued.delete(next);
        this.#start(next);
      }
      report();
    });
  }

  /** Wakes those that have asked for it meanwhile, so that they load it again. */
  #abandon(stream: StreamId): () => void {
    this.#abandoned.delete(stream);
    return () => {
      this.events.loaded(stream);
    };
  }

  async #loadStubbornly(stream: StreamId, attempt: number): Promise<() => void> {
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
      return this.#loadStubbornly(stream, attempt + 1);
    }
  }
}
