import { platformStream, type StreamId } from '@ringfence/kernel/ids';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { LaneModel, LaneModels } from './lane-models.js';
import { CachedStreams, PlatformStream, type Pool, type PoolParts } from './stream-pool.js';

/** A kind of stream, as the lanes run it. */
export type StreamKind = {
  /** Prefix of the ids of its streams; of a resident kind, the one id. */
  readonly prefix: string;
  /**
   * Policy for its states in memory. `resident`: one stream, always there, because every decision may read it.
   * `least_recently_used`: as many as there is room for; the one not used for longest goes first, and is loaded again
   * when it is needed.
   */
  readonly cachePolicy: 'resident' | 'least_recently_used';
  readonly open: (parts: PoolParts) => Pool;
};

/**
 * Every kind of stream, in the order of their turns: what commands of the platform change, the others are decided on
 * only afterwards.
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

/** A kind of many streams, with ids of this prefix. */
function cachedKind<State>(prefix: string, model: LaneModel<State>): StreamKind {
  const head = `${prefix}_`;
  const owns = (stream: StreamId) => stream.startsWith(head);
  return { prefix, cachePolicy: 'least_recently_used', open: (parts) => new CachedStreams(owns, model, parts) };
}
