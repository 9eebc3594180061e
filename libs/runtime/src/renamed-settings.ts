/**
 * Environment variables of earlier releases, with their present names. A process that is given an old name refuses to
 * start: silently ignored, it would leave a cluster with another key, or with fewer replicas, than its operator
 * believes.
 */
export const renamedSettings: Readonly<Record<string, string>> = {
  RINGFENCE_KAFKA_COPIES: 'RINGFENCE_KAFKA_REPLICATION_FACTOR',
  RINGFENCE_VOUCH_KEY: 'RINGFENCE_CLUSTER_KEY',
};
