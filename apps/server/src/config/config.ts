import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Sasl } from '@ringfence/messaging-kafka/sasl';
import { renamedSettings } from '@ringfence/runtime/renamed-settings';
import { clientNames, type ConfigKey, configKeys, type LogLevel, type Role } from './config-keys.js';

export type Config = {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  /** null: the embedded database */
  readonly databaseUrl: string | null;
  readonly roles: ReadonlySet<Role>;
  /** null: a development file in `dataDir` */
  readonly masterKey: string | null;
  /** null: a development file in `dataDir` */
  readonly pepper: string | null;
  /** null: commands stay in this process */
  readonly kafka: KafkaConfig | null;
  readonly sandboxSpeed: number;
  readonly drainMs: number;
  /** null: events must not be far ahead of the clock */
  readonly logAheadUntilMs: EpochMs | null;
  readonly logHotEvents: number;
  readonly logLevel: LogLevel;
  readonly trustedProxies: readonly string[];
  /** Lower case. */
  readonly proxyHeader: string;
  /** CIDR blocks of special addresses that requests to customers' URLs may reach. */
  readonly outboundAllow: readonly string[];
  readonly otlpEndpoint: string | null;
};

export type KafkaConfig = {
  readonly brokers: readonly string[];
  readonly sasl: Sasl | null;
  /** A path, or `system`; null: connections are not encrypted */
  readonly ca: string | null;
  readonly replicationFactor: number;
  readonly topicPrefix: string;
  /** null: a development file in `dataDir` */
  readonly clusterKey: string | null;
  /** null: a development file in `dataDir` */
  readonly commandKey: string | null;
};

/** An invalid setting, in one line that says what is expected. Ends the process with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A name that takes more edits than this is another name, not a misspelt one. */
const editsMax = 5;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The one place that reads the environment.
 * @throws ConfigError at the first invalid setting; it never repeats a secret
 */
export function configFrom(environment: Environment): Config {
  refuseUnknownNames(environment);
  const config: Config = {
    port: required(environment, configKeys.port),
    host: required(environment, configKeys.host),
    dataDir: resolve(required(environment, configKeys.dataDir)),
    databaseUrl: optional(environment, configKeys.databaseUrl),
    roles: required(environment, configKeys.roles),
    masterKey: optional(environment, configKeys.masterKey),
    pepper: optional(environment, configKeys.pepper),
    kafka: kafkaFrom(environment),
    sandboxSpeed: required(environment, configKeys.sandboxSpeed),
    drainMs: required(environment, configKeys.drainMs),
    logAheadUntilMs: optional(environment, configKeys.logAheadUntil),
    logHotEvents: required(environment, configKeys.logHotEvents),
    logLevel: required(environment, configKeys.logLevel),
    trustedProxies: optional(environment, configKeys.trustedProxies) ?? [],
    proxyHeader: required(environment, configKeys.proxyHeader),
    outboundAllow: optional(environment, configKeys.outboundAllow) ?? [],
    otlpEndpoint: optional(environment, configKeys.otlpEndpoint),
  };
  if (config.kafka === null) checkRoles(config.roles);
  return config;
}

/**
 * Says whether requests of test mode may reach this machine: on the default of a newcomer, an embedded database and an
 * address that nobody else can reach, so that a receiver beside the platform works at once.
 */
export function testReachesLoopback({ databaseUrl, host }: Pick<Config, 'databaseUrl' | 'host'>): boolean {
  return databaseUrl === null && (host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host));
}

/** The root of the HTTP interface as a person on this machine would write it. */
export function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${String(port)}`;
}

function kafkaFrom(environment: Environment): KafkaConfig | null {
  const kafka = {
    brokers: optional(environment, configKeys.kafkaBrokers) ?? [],
    sasl: optional(environment, configKeys.kafkaSasl),
    ca: optional(environment, configKeys.kafkaCa),
    replicationFactor: required(environment, configKeys.kafkaReplicationFactor),
    topicPrefix: required(environment, configKeys.topicPrefix),
    clusterKey: optional(environment, configKeys.clusterKey),
    commandKey: optional(environment, configKeys.commandKey),
  };
  return kafka.brokers.length === 0 ? null : kafka;
}

/** Checks that commands can be decided: without a message bus, in the process that submits them. */
function checkRoles(roles: ReadonlySet<Role>): void {
  const needsDecider = (['gateway', 'carrier'] as const).filter((role) => roles.has(role) && !roles.has('decider'));
  const [role] = needsDecider;
  if (role !== undefined)
    throw new ConfigError(
      `${configKeys.roles.name}: ${role} needs decider in the same process, or ${configKeys.kafkaBrokers.name}: commands travel between processes over Kafka`,
    );
}

function refuseUnknownNames(environment: Environment): void {
  const known = [...Object.values(configKeys).map(({ name }) => name), ...clientNames];
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('RINGFENCE_') || known.includes(name)) continue;
    const meant = renamedSettings[name] ?? nearestOf(name, known);
    const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw new ConfigError(`${name} is not a setting of Ringfence${guess}`);
  }
}

/** @returns undefined: none is close */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known.map((each) => ({ each, edits: distance(name, each) })).sort((a, b) => a.edits - b.edits);
  return nearest !== undefined && nearest.edits <= editsMax ? nearest.each : undefined;
}

function required<Value>(environment: Environment, key: ConfigKey<Value>): Value {
  const value = optional(environment, key) ?? (key.default === null ? undefined : key.read(key.default));
  if (value === undefined) throw new ConfigError(`${key.name} is missing: ${key.expected}`);
  return value;
}

function optional<Value>(environment: Environment, key: ConfigKey<Value>): Value | null {
  const text = environment[key.name];
  if (text === undefined || text === '') return null;
  const value = key.read(text);
  if (value === undefined) {
    const got = key.secret ? '' : `, got ${JSON.stringify(text.slice(0, 80))}`;
    throw new ConfigError(`${key.name} must be ${key.expected}${got}`);
  }
  return value;
}

/** The Levenshtein distance: the number of letters to insert, delete or replace. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
