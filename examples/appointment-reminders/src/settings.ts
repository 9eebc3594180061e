import { resolve } from 'node:path';

/** The settings of this service, from its environment. */
type Settings = {
  readonly url: string;
  readonly brokers: readonly string[];
  /** Folder in which the platform keeps the results of its first start: the operator's key and the demo account. */
  readonly platformDir: string;
  /** Folder in which this service keeps its signing key and its checkpoint. */
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
