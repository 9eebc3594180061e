/** Setting: `host:port` of some brokers of a cluster that is there already, separated by commas. */
export const existingClusterSetting = 'KAFKA_BROKERS';

export function existingBrokers(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const named = environment[existingClusterSetting] ?? '';
  return named
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
}

/** Why a test that kills its broker, or settles who may enter, cannot run here; null: it can. */
export function whyNoBrokerOfOnesOwn(environment: NodeJS.ProcessEnv = process.env): string | null {
  if (existingBrokers(environment).length === 0) return null;
  return `the cluster that ${existingClusterSetting} names is not ours to kill or to configure`;
}
