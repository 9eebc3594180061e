import { platformStream, type StreamId } from '@ringfence/kernel/ids';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { LaneModel, LaneModels } from './lane-models.js';
import { CachedStreams, PlatformStream, type Pool, type PoolParts } from './stream-pool.js';

/** A kind of stream that lanes run. */
export type StreamKind = {
  /** Prefix of the stream ids; for a resident kind, the only id. */
  readonly prefix: string;
  /**
   * Policy for states in memory. `resident`: one stream, always loaded, because every decision may read it.
   * `least_recently_used`: a bounded number; the least recently used one is evicted, and loaded again when needed.
   */
  readonly cachePolicy: 'resident' | 'least_recently_used';
  readonly open: (parts: PoolParts) => Pool;
};

/**
 * The kinds of streams in the order of their turns: the platform comes first, because the others read its state.
 */
export function streamKinds(models: LaneModels): readonly StreamKind[] {
  return [residentKind(models.platform), cachedKind('acc', models.account)];
}

function residentKind(model: LaneModel<PlatformState>): StreamKind {
  return {
    prefix: platformStream,
    cachePolicy: 'resident',
    open: ({ reference }) => new PlatformStream(model, reference),
  };
}

/** Defines a kind of many streams, with ids of this prefix. */
function cachedKind<State>(prefix: string, model: LaneModel<State>): StreamKind {
  const head = `${prefix}_`;
  const owns = (stream: StreamId) => stream.startsWith(head);
  return { prefix, cachePolicy: 'least_recently_used', open: (parts) => new CachedStreams(owns, model, parts) };
}
