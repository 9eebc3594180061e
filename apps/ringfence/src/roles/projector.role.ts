import { ProjectionEngine } from '@ringfence/projections/projection-engine';
import { allProjections } from '@ringfence/read-models/projections';
import type { Foundation } from './foundation.js';

export type Projector = {
  /** Begins to follow the log. */
  readonly run: () => void;
  readonly stop: () => Promise<void>;
};

/** Keeps the read models at the log's end. When it settles, every read model can be asked. */
export async function prepareProjector(foundation: Foundation): Promise<Projector> {
  const { db, feed, clock, metrics, progress } = foundation;
  const engine = new ProjectionEngine(allProjections, {
    db,
    source: feed,
    history: feed,
    clock,
    metrics: metrics.projections,
    progress,
  });
  await engine.prepare();
  const running = new AbortController();
  let followed = Promise.resolve();
  return {
    run: () => {
      followed = engine.run(running.signal);
    },
    stop: async () => {
      running.abort();
      await followed;
    },
  };
}
