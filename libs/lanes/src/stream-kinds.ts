import { inventoryStream, platformStream, type StreamId } from '@ringfence/kernel/ids';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { LaneModel, LaneModels } from './lane-models.js';
import { CachedStreams, PlatformStream, type Pool, type PoolParts } from './stream-pool.js';

/** A kind of stream that lanes run. */
export type StreamKind = {
  /** Prefix of the stream ids; for a kind of one stream, its id. */
  readonly prefix: string;
  /**
   * Policy for states in memory. `resident`: always loaded, because every decision may read it.
   * `least_recently_used`: a bounded number; the least recently used one is evicted, and loaded again when needed.
   */
  readonly cachePolicy: 'resident' | 'least_recently_used';
  readonly open: (parts: PoolParts) => Pool;
};

/**
 * The kinds of streams in the order of their turns: the platform comes first, because the others read its state.
 */
export function streamKinds(models: LaneModels): readonly StreamKind[] {
  return [
    residentKind(models.platform),
    cachedKind('acc', models.account),
    singleKind(inventoryStream, models.inventory),
  ];
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
  return evictedKind(prefix, (stream) => stream.startsWith(head), model);
}

/** Defines a kind of one stream, which no other kind reads: it is loaded where its lane is, and when it is needed. */
function singleKind<State>(only: StreamId, model: LaneModel<State>): StreamKind {
  return evictedKind(only, (stream) => stream === only, model);
}

function evictedKind<State>(prefix: string, owns: (stream: StreamId) => boolean, model: LaneModel<State>): StreamKind {
  return { prefix, cachePolicy: 'least_recently_used', open: (parts) => new CachedStreams(owns, model, parts) };
}
