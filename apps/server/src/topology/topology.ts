import type { Needs, ServerProcess } from '../server-process.js';
import type { StartedRoles } from './started-roles.js';
import type { Cluster, joinCluster } from '../cluster.js';

/** How the processes of a platform share its work. */
type Topology =
  /** One process decides for all lanes. */
  | { readonly kind: 'single' }
  /** Several processes share lanes, partitions and duties over Kafka. */
  | { readonly kind: 'clustered'; readonly cluster: Cluster };

/** @throws Failure `topic_settings_wrong`, `bus_unavailable`: one line for people */
export async function joinTopology(process: Parameters<typeof joinCluster>[0] & Needs<'undo'>): Promise<Topology> {
  const { config, undo } = process;
  if (config.kafka === null) return { kind: 'single' };
  const { joinCluster } = await import('../cluster.js');
  return { kind: 'clustered', cluster: undo.own(await joinCluster(process, config.kafka)) };
}

/**
 * Starts the roles of this process: what is written to first, what people reach last. Only the topology's own code is
 * loaded: the Kafka client alone is a quarter of a start.
 */
export async function startRoles(process: ServerProcess, topology: Topology): Promise<StartedRoles> {
  switch (topology.kind) {
    case 'single': {
      const { startSingle } = await import('./single.js');
      return startSingle(process);
    }
    case 'clustered': {
      const { startClustered } = await import('./clustered.js');
      return startClustered(process, topology.cluster);
    }
  }
}
