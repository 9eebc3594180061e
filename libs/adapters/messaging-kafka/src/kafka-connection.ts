import type { BaseOptions } from '@platformatic/kafka';
import type { Sasl } from './sasl.js';

/** How to reach a cluster. */
export type KafkaConnection = {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's logs and quotas. */
  readonly clientId: string;
  /**
   * Names this process across its restarts, and no other one that is alive: who comes back under it within the group's session timeout has at once what
   * it had, for the group takes it for the one that died. Without it a process that was killed holds what it had for as long as that timeout.
   */
  readonly member?: string;
  readonly sasl?: Sasl;
  readonly tls?: { readonly ca?: string };
  /** After so many tries a send or a question has failed; without it an outage is waited out, and so is a topic that is not there. */
  readonly retriesMax?: number;
};

const requestTimeoutMs = 5_000;
const retryDelayMs = 250;
/** Questions that somebody waits for: a quarter of a minute, in which a topic that was just made finds its leaders. */
export const questionRetriesMax = 60;

/** What every client of ours is made with. Outages are waited out: what gives up sooner loses what is on the way. */
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
 * The client keeps the error of every attempt until one succeeds, with all that stands behind it: some 40 kB each, half a gigabyte for each hour of an
 * outage. What is said of an outage is said by the last of them.
 */
function forgetCauses(error: Error): void {
  error.stack = `${error.name}: ${error.message}`;
  delete error.cause;
  if ('errors' in error && Array.isArray(error.errors)) error.errors.length = 0;
}
