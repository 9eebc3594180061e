import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import type { Routes } from '@ringfence/domain/routing/routes';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import type { IdSource, StreamId } from '@ringfence/kernel/ids';
import type { ReferenceData } from './command-metadata.js';
import type { EnvelopeWriter } from './envelope-writer.js';
import type { LaneClock, LaneTime } from './lane-clock.js';
import type { LaneModel } from './lane-models.js';
import type { LoadedStream } from './loaded-stream.js';
import type { PlatformReference } from './platform-reference.js';
import type { CachedStream } from './state-cache.js';
import type { StreamPool } from './stream-pool.js';

/** The parts of the lane that one batch of decisions needs. */
export type BatchContext<State> = {
  readonly time: LaneTime;
  readonly model: LaneModel<State>;
  readonly envelopes: EnvelopeWriter;
  readonly ids: IdSource;
  readonly reference: ReferenceData;
  readonly platform: LoadedStream<PlatformState>;
  /** The stream to decide on; undefined: it is not in memory any more. */
  readonly cached: (stream: StreamId) => CachedStream<State> | undefined;
};

/** Parts of the lane that decisions rest on, whatever the stream. */
export type DecisionParts = {
  readonly clock: LaneClock;
  readonly ids: IdSource;
  readonly platform: PlatformReference;
  readonly routes: Routes;
  readonly envelopes: EnvelopeWriter;
};

/** Returns what a batch that begins now is decided with. */
export function batchContext<State>(
  { clock, ids, platform, routes, envelopes }: DecisionParts,
  pool: StreamPool<State>,
): BatchContext<State> {
  return {
    time: clock.read(),
    model: pool.model,
    envelopes,
    ids,
    reference: {
      rateDecks: platform.rateDecks,
      routes,
      numberingPlan: platform.numberingPlan,
      calendar: ianaCalendar,
    },
    platform: platform.loaded,
    cached: (stream) => pool.cached(stream),
  };
}
