import type { BaseOptions } from '@platformatic/kafka';
import type { Sasl } from './sasl.js';

/** Addresses and credentials of a cluster. */
export type KafkaConnection = {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** Identifies this process in the broker's logs and quotas. */
  readonly clientId: string;
  /**
   * Identifies this process across restarts; no two live processes may share it. A process that returns under this name
   * within the group's session timeout has its partitions at once, because the group cannot distinguish it from the
   * previous one. Without a name, a killed process keeps its partitions for that long.
   */
  readonly member?: string;
  readonly sasl?: Sasl;
  readonly tls?: { readonly ca?: string };
  /** Number of retries after which a send or a request fails; without it, outages and missing topics are waited out. */
  readonly retriesMax?: number;
};

const requestTimeoutMs = 5_000;
const retryDelayMs = 250;
/** Retries of requests for which a caller waits: 15 s, enough for a new topic to get its leaders. */
export const questionRetriesMax = 60;

/** Returns the options of all clients. They wait out outages: giving up sooner loses what is in flight. */
export function clientOptions({ brokers, clientId, sasl, tls, retriesMax }: KafkaConnection) {
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    retries: retriesMax ?? true,
    retryDelay: (_client: object, _operation: string, _attempt: number, _retries: number, error: Error) => {
      forgetCauses(error);
      return retryDelayMs;
    },
    timeout: requestTimeoutMs,
    autocreateTopics: false,
    strict: false,
    ...(sasl === undefined ? {} : { sasl }),
    ...(tls === undefined ? {} : { tls }),
  } satisfies BaseOptions;
}

/**
 * Drops the causes of an error. The client keeps the error of every attempt until one succeeds, with everything that it
 * references: some 40 kB each, half a gigabyte per hour of an outage. The last error describes the outage.
 */
function forgetCauses(error: Error): void {
  error.stack = `${error.name}: ${error.message}`;
  delete error.cause;
  if ('errors' in error && Array.isArray(error.errors)) error.errors.length = 0;
}
