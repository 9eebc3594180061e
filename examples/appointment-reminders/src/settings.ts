import { resolve } from 'node:path';

/** What the environment says to this service. */
export type Settings = {
  readonly url: string;
  readonly brokers: readonly string[];
  /** Where the platform keeps what its first start made: the operator's key and the demo account. */
  readonly platformDir: string;
  /** Where this service keeps its signing key and how far it has read. */
  readonly ownDir: string;
};

export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const platformDir = environment['RINGFENCE_DATA_DIR'] ?? '.ringfence';
  return {
    url: environment['RINGFENCE_URL'] ?? 'http://127.0.0.1:7350',
    brokers: (environment['KAFKA_BROKERS'] ?? '127.0.0.1:19092').split(','),
    platformDir: resolve(platformDir, 'cluster', 'gateway-1'),
    ownDir: resolve(environment['REMINDERS_DIR'] ?? '.reminders'),
  };
}
