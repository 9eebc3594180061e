import { ProjectionEngine } from '@ringfence/projections/projection-engine';
import { allProjections } from '@ringfence/read-models/projections';
import type { ConsumerGroupSource } from '@ringfence/event-feed/relay/consumer-group-source';
import type { Needs } from '../server-process.js';

/**
 * Keeps the read models at the end of the log. When it settles, every read model can be queried.
 * @param partitioned the source of this process's partitions, for projections ordered by stream; undefined: the log,
 *   with all partitions
 */
export async function startProjector(
  process: Needs<'db' | 'feed' | 'clock' | 'metrics' | 'tracing' | 'progress' | 'health' | 'undo'>,
  partitioned?: ConsumerGroupSource,
): Promise<void> {
  const { db, feed, clock, metrics, tracing, progress, health, undo } = process;
  const engine = new ProjectionEngine(allProjections, {
    db,
    source: feed,
    ...(partitioned === undefined ? {} : { partitioned }),
    history: feed,
    clock,
    metrics: metrics.projections,
    tracing,
    progress,
  });
  await engine.prepare();
  progress.hearOthers();
  health.watchStopped('projections', () => metrics.stoppedProjections.keys());
  const running = new AbortController();
  const followed = engine.run(running.signal);
  undo.push(async () => {
    running.abort();
    await followed;
  });
}
