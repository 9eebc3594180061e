/**
 * Environment variables of earlier releases, with their current names. A process that is given an old name refuses to
 * start: if it were ignored, a cluster could run with another key, or with fewer replicas, than its operator expects.
 */
export const renamedSettings: Readonly<Record<string, string>> = {
  RINGFENCE_KAFKA_COPIES: 'RINGFENCE_KAFKA_REPLICATION_FACTOR',
  RINGFENCE_VOUCH_KEY: 'RINGFENCE_CLUSTER_KEY',
};
