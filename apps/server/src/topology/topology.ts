import type { Needs, ServerProcess } from '../server-process.js';
import type { StartedRoles } from './started-roles.js';
import type { Cluster, joinCluster } from '../cluster.js';

/** The division of work among the processes of a platform. */
type Topology =
  /** A single process that decides for all lanes. */
  | { readonly kind: 'single' }
  /** Several processes that share lanes, partitions and duties over Kafka. */
  | { readonly kind: 'clustered'; readonly cluster: Cluster };

/** @throws Failure `topic_settings_wrong`, `bus_unavailable`: one line for people */
export async function joinTopology(process: Parameters<typeof joinCluster>[0] & Needs<'undo'>): Promise<Topology> {
  const { config, undo } = process;
  if (config.kafka === null) return { kind: 'single' };
  const { joinCluster } = await import('../cluster.js');
  return { kind: 'clustered', cluster: undo.own(await joinCluster(process, config.kafka)) };
}

/** Starts the roles of this process: first the parts that are written to, last the HTTP server. */
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
