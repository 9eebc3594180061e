import { KeyRing, ringKeysMax } from '@ringfence/runtime/key-ring';
import { Failure } from '@ringfence/kernel/failure';
import { epochMs } from '@ringfence/kernel/units';
import { topicPrefixDefault } from '@ringfence/wire/topics';
import { parseSasl } from '@ringfence/messaging-kafka/sasl';
import { parseAllowedBlock } from '@ringfence/outbound-http/address-policy';
import { isIP } from 'node:net';

/** Every role of a process. */
export const roleNames = ['gateway', 'decider', 'projector', 'carrier'] as const;
export type Role = (typeof roleNames)[number];

const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** One environment variable: its name, description, expected values and default. */
export type ConfigKey<Value> = {
  readonly name: string;
  readonly description: string;
  readonly expected: string;
  /** The default, as written in the environment; null: none. */
  readonly default: string | null;
  /** Never repeated in a message or a log. */
  readonly secret: boolean;
  /** Parses the value; undefined: not valid */
  readonly read: (text: string) => Value | undefined;
};

const anyText = (text: string): string | undefined => text;
const keyRingRule = `1 to ${String(ringKeysMax)} keys, separated by commas, the current one first: each id:base64 of 32 bytes, with an id of its own`;

/** The catalogue of all settings; nothing else spells these names. An empty value counts as unset. */
export const configKeys = {
  port: key('RINGFENCE_PORT', 'port of the HTTP interface; 0: any free port', '7350', 'a port, 0 to 65535', (text) =>
    wholeNumber(text, 0, 65_535),
  ),
  host: key('RINGFENCE_HOST', 'address to listen on', '127.0.0.1', 'an IP address or a host name', (text) =>
    /^[A-Za-z0-9._:-]{1,253}$/.test(text) ? text : undefined,
  ),
  dataDir: key(
    'RINGFENCE_DATA_DIR',
    'folder of the embedded database and the development secrets',
    '.ringfence',
    'a path',
    anyText,
  ),
  databaseUrl: secretKey(
    'DATABASE_URL',
    'PostgreSQL 15 or later, used instead of the embedded one',
    'postgres://user:password@host:port/database, of one host: where the primary moves, an address that follows it',
    (text) => (isPostgresUrl(text) ? text : undefined),
  ),
  roles: key(
    'RINGFENCE_ROLES',
    'roles of this process',
    roleNames.join(','),
    `one or more of ${roleNames.join(', ')}, separated by commas`,
    readRoles,
  ),
  masterKey: secretKey(
    'RINGFENCE_MASTER_KEY',
    'wraps the data keys of personal values; default: a development file in the data folder',
    keyRingRule,
    keyRing,
  ),
  pepper: secretKey(
    'RINGFENCE_PEPPER',
    'digests API keys; default: a development file in the data folder',
    keyRingRule,
    keyRing,
  ),
  kafkaBrokers: key(
    'KAFKA_BROKERS',
    'Apache Kafka brokers that carry commands between processes; default: commands stay in this process',
    null,
    'host:port of some brokers, separated by commas',
    (text) => {
      const brokers = text.split(',').map((part) => part.trim());
      return brokers.every(isBroker) ? brokers : undefined;
    },
  ),
  kafkaSasl: secretKey(
    'RINGFENCE_KAFKA_SASL',
    'SASL mechanism and credentials; default: unauthenticated',
    'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, then :user:password',
    parseSasl,
  ),
  kafkaCa: key(
    'RINGFENCE_KAFKA_CA',
    'CA certificates to verify Kafka with; when set, connections use TLS',
    null,
    'a path of a PEM file; `system`: what this machine trusts',
    anyText,
  ),
  kafkaReplicationFactor: key(
    'RINGFENCE_KAFKA_REPLICATION_FACTOR',
    'replication factor of the topics; `min.insync.replicas` is one less',
    '1',
    'a number from 1 to 9; 3 for production',
    (text) => wholeNumber(text, 1, 9),
  ),
  topicPrefix: key(
    'RINGFENCE_TOPIC_PREFIX',
    'prefix of all topic names; one per cluster',
    topicPrefixDefault,
    '1 to 64 letters, digits, ., _ and -',
    (text) => (/^[A-Za-z0-9._-]{1,64}$/.test(text) ? text : undefined),
  ),
  clusterKey: secretKey(
    'RINGFENCE_CLUSTER_KEY',
    'MAC keys for messages between processes of one cluster; default: a development file in the data folder',
    keyRingRule,
    keyRing,
  ),
  commandKey: secretKey(
    'RINGFENCE_COMMAND_KEY',
    'decrypts the values that clients encrypt in their commands on Kafka; default: a development file in the data folder',
    keyRingRule,
    keyRing,
  ),
  sandboxSpeed: key(
    'RINGFENCE_SANDBOX_SPEED',
    'speed of sandbox calls, as a multiple of real time',
    '1',
    'a number from 1 to 10000',
    (text) => {
      const speed = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
      return speed >= 1 && speed <= 10_000 ? speed : undefined;
    },
  ),
  drainMs: key(
    'RINGFENCE_DRAIN_MS',
    'how long a gateway still accepts requests after SIGTERM, while load balancers and clients move on',
    '1000',
    'milliseconds, 0 to 10000',
    (text) => wholeNumber(text, 0, 10_000),
  ),
  logAheadUntil: key(
    'RINGFENCE_LOG_AHEAD_UNTIL',
    'accepts events dated up to this moment, although the clock is more than an hour behind them',
    null,
    'a moment such as 2026-11-30T08:15:00Z, as the start that was refused prints it',
    (text) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text) && !Number.isNaN(Date.parse(text))
        ? epochMs(Date.parse(text))
        : undefined,
  ),
  logHotEvents: key(
    'RINGFENCE_LOG_HOT_EVENTS',
    'newest events of the log that stay rows; older ones are moved into compressed segments',
    '65536',
    'a number of events, 1024 to 999999999; the same for every process',
    (text) => wholeNumber(text, 1_024, 999_999_999),
  ),
  logLevel: key(
    'RINGFENCE_LOG_LEVEL',
    'lowest severity that is logged',
    'info',
    `one of ${logLevels.join(', ')}`,
    (text) => logLevels.find((level) => level === text),
  ),
  trustedProxies: key(
    'RINGFENCE_TRUSTED_PROXIES',
    'addresses of proxies whose RINGFENCE_PROXY_HEADER is trusted; default: none',
    null,
    'IP addresses or CIDR blocks of at least one bit, separated by commas',
    (text) => {
      const parts = text.split(',').map((part) => part.trim());
      return parts.every(isAddressOrBlock) ? parts : undefined;
    },
  ),
  proxyHeader: key(
    'RINGFENCE_PROXY_HEADER',
    'header in which trusted proxies name the client’s address; all others are ignored',
    'X-Forwarded-For',
    'Forwarded, or the name of a header that holds addresses (X-Forwarded-For, X-Real-IP, CF-Connecting-IP)',
    (text) => (/^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(text) ? text.toLowerCase() : undefined),
  ),
  outboundAllow: key(
    'RINGFENCE_OUTBOUND_ALLOW',
    'private or otherwise special addresses that webhooks and flow requests may reach; default: none',
    null,
    'CIDR blocks, separated by commas, each with its length (10.1.0.0/16, fd00::/8)',
    (text) => {
      const blocks = text.split(',').map((part) => part.trim());
      return blocks.every((block) => parseAllowedBlock(block) !== undefined) ? blocks : undefined;
    },
  ),
  otlpEndpoint: key(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OpenTelemetry collector (OTLP over HTTP) for traces and metrics; default: none are produced',
    null,
    'an http or https URL',
    (text) => (/^https?:\/\//.test(text) && URL.canParse(text) ? text : undefined),
  ),
} as const;

/** Settings with the same prefix that belong to the command line; the server ignores them. */
export const clientNames: readonly string[] = [
  'RINGFENCE_URL',
  'RINGFENCE_API_KEY',
  'RINGFENCE_ADMIN_KEY',
  'RINGFENCE_BACKUP_PASSPHRASE',
];

function key<Value>(
  name: string,
  description: string,
  defaultText: string | null,
  expected: string,
  read: (text: string) => Value | undefined,
): ConfigKey<Value> {
  return { name, description, expected, default: defaultText, secret: false, read };
}

function secretKey<Value>(
  name: string,
  description: string,
  expected: string,
  read: (text: string) => Value | undefined,
): ConfigKey<Value> {
  return { name, description, expected, default: null, secret: true, read };
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

function keyRing(text: string): string | undefined {
  try {
    KeyRing.parse(text, 'the ring');
    return text;
  } catch (failure) {
    if (failure instanceof Failure) return undefined;
    throw failure;
  }
}

function isBroker(text: string): boolean {
  const [, port = ''] = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(text) ?? [];
  return wholeNumber(port, 1, 65_535) !== undefined;
}

/** Checks an address or block as the web framework does, which accepts no block of zero bits. */
function isAddressOrBlock(text: string): boolean {
  const [, address = '', bits] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0) return false;
  return bits === undefined || wholeNumber(bits, 1, family === 4 ? 32 : 128) !== undefined;
}

function isPostgresUrl(text: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return false;
  // libpq accepts a list of hosts; the driver would look up the list as one name.
  const { host, searchParams } = new URL(text);
  return ![host, ...searchParams.getAll('host')].some((each) => each.includes(','));
}

function readRoles(text: string): ReadonlySet<Role> | undefined {
  const named = text.split(',').map((part) => part.trim());
  const known = roleNames.filter((role) => named.includes(role));
  return named.every((name) => known.some((role) => role === name)) ? new Set(known) : undefined;
}
