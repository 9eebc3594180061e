import type { BaseOptions } from '@platformatic/kafka';
import type { Sasl } from './sasl.js';

/** Addresses and credentials of a cluster. */
export type KafkaConnection = {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's logs and quotas. */
  readonly clientId: string;
  /**
   * Names this process across its restarts, and no other one that is alive. A process that returns under this name
   * within the group's session timeout has its partitions at once, because the group cannot distinguish it from the one
   * that died. Without a name a killed process keeps its partitions for as long as that timeout.
   */
  readonly member?: string;
  readonly sasl?: Sasl;
  readonly tls?: { readonly ca?: string };
  /**
   * Number of tries after which a send or a request has failed; without it an outage is waited out, and so is a missing
   * topic.
   */
  readonly retriesMax?: number;
};

const requestTimeoutMs = 5_000;
const retryDelayMs = 250;
/** Questions that somebody waits for: a quarter of a minute, in which a topic that was just made finds its leaders. */
export const questionRetriesMax = 60;

/** Returns the options of every client of ours. Outages are waited out: giving up sooner loses what is in flight. */
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
 * Drops the causes of an error. The client keeps the error of every attempt until one succeeds, with everything it
 * refers to: some 40 kB each, half a gigabyte per hour of an outage. The last error describes the outage.
 */
function forgetCauses(error: Error): void {
  error.stack = `${error.name}: ${error.message}`;
  delete error.cause;
  if ('errors' in error && Array.isArray(error.errors)) error.errors.length = 0;
}
