import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { topicPrefixDefault } from '@ringfence/wire/topics';
import { renamedSettings } from '@ringfence/runtime/renamed-settings';
import { parseSasl, type Sasl } from '@ringfence/messaging-kafka/sasl';
import { cliFailures } from './failures.js';

type KafkaSettings = {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly sasl: Sasl | undefined;
  /** A path, or `system`. */
  readonly ca: string | undefined;
  /** The replication factor of topics that are created. */
  readonly replicationFactor: number;
};

/** The server's secrets: the name of each file in the data directory, and the setting that replaces it. */
export const serverKeySettings = {
  'master-key': 'RINGFENCE_MASTER_KEY',
  pepper: 'RINGFENCE_PEPPER',
  'vouch-key': 'RINGFENCE_CLUSTER_KEY',
  'command-key': 'RINGFENCE_COMMAND_KEY',
} as const;
export type ServerKeyName = keyof typeof serverKeySettings;
export const serverKeyNames = Object.keys(serverKeySettings) as readonly ServerKeyName[];
/** Texts of key rings: `id:base64`, several separated by commas. */
export type ServerKeyTexts = { readonly [Name in ServerKeyName]?: string };

/** The settings of the command line, read from the environment here and nowhere else. Empty is the same as unset. */
export type Settings = {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  /** The file in which `ringfence login` keeps this user's keys. */
  readonly credentialsFile: string;
  readonly adminKey: string | undefined;
  /** The server's own secrets, where the environment has them; else they are files of the data directory. */
  readonly serverKeys: ServerKeyTexts;
  /** The passphrase that the key file beside a backup is encrypted to. */
  readonly backupPassphrase: string | undefined;
  /** The secret with which `ringfence listen` signs; undefined: it makes one. */
  readonly listenSecret: string | undefined;
  /** undefined: no cluster is named */
  readonly kafka: KafkaSettings | undefined;
};

/** @throws Failure `usage`: a setting has the name of an earlier release */
export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  for (const [old, present] of Object.entries(renamedSettings))
    if (old in environment) throw cliFailures.usage(`${old} is not a setting of Ringfence; did you mean ${present}?`);
  const read = (name: string) => environment[name] || undefined;
  return {
    dataDir: resolve(read('RINGFENCE_DATA_DIR') ?? '.ringfence'),
    databaseUrl: read('DATABASE_URL'),
    url: read('RINGFENCE_URL'),
    apiKey: read('RINGFENCE_API_KEY'),
    credentialsFile: join(read('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'ringfence', 'credentials.json'),
    adminKey: read('RINGFENCE_ADMIN_KEY'),
    serverKeys: Object.fromEntries(
      serverKeyNames.flatMap((name) => {
        const text = read(serverKeySettings[name]);
        return text === undefined ? [] : [[name, text]];
      }),
    ),
    backupPassphrase: read('RINGFENCE_BACKUP_PASSPHRASE'),
    listenSecret: read('RINGFENCE_LISTEN_SECRET'),
    kafka: kafkaFrom(read),
  };
}

function kafkaFrom(read: (name: string) => string | undefined): KafkaSettings | undefined {
  const brokers = read('KAFKA_BROKERS');
  if (brokers === undefined) return undefined;
  const sasl = read('RINGFENCE_KAFKA_SASL');
  return {
    brokers: brokers.split(',').map((broker) => broker.trim()),
    topicPrefix: read('RINGFENCE_TOPIC_PREFIX') ?? topicPrefixDefault,
    sasl: sasl === undefined ? undefined : parseSasl(sasl),
    ca: read('RINGFENCE_KAFKA_CA'),
    replicationFactor: Number(read('RINGFENCE_KAFKA_REPLICATION_FACTOR') ?? '1'),
  };
}
