import { ProjectionEngine } from '@ringfence/projections/projection-engine';
import { allProjections } from '@ringfence/read-models/projections';
import type { Cluster } from './cluster.js';
import type { Foundation } from './foundation.js';
import { groupSource } from './relay.js';

export type Projector = {
  /** Begins to follow the log. */
  readonly run: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Keeps the read models at the log's end; in a cluster, those ordered by stream at the end of the partitions that this process is given. When it settles,
 * every read model can be asked.
 */
export async function prepareProjector(foundation: Foundation, cluster: Cluster | null): Promise<Projector> {
  const { db, feed, clock, metrics, tracing, progress } = foundation;
  const engine = new ProjectionEngine(allProjections, {
    db,
    source: feed,
    ...(cluster === null ? {} : { partitioned: groupSource(foundation, cluster) }),
    history: feed,
    clock,
    metrics: metrics.projections,
    tracing,
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
