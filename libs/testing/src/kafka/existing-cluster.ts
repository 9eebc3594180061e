/** Setting: `host:port` of some brokers of an existing cluster, separated by commas. */
export const existingClusterSetting = 'KAFKA_BROKERS';

export function existingBrokers(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const named = environment[existingClusterSetting] ?? '';
  return named
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
}
