import type { EncryptionJwk } from '@ringfence/command-transport/signed-commands/command-keys';
import type { LogId } from '@ringfence/kernel/ids';
import type { Topics } from '@ringfence/wire/topics';

/** Tokens of the ports behind the HTTP edge, for `@Inject`. */
export const EVENT_STORE = Symbol('EventStore');
export const CLOCK = Symbol('Clock');
export const ID_SOURCE = Symbol('IdSource');
export const EDGE_METRICS = Symbol('EdgeMetrics');
export const LOG_NAME = Symbol('LogName');
export const HEALTH = Symbol('Health');
export const METRICS_TEXT = Symbol('MetricsText');
/** The port may be null: no commands come from a topic. */
export const COMMAND_TOPICS = Symbol('CommandTopics');

/** The log that this platform writes. */
export type LogName = { readonly logId: LogId };

/** Data that a client needs to publish commands by itself. */
export type CommandTopics = {
  readonly encryption: readonly EncryptionJwk[];
  readonly topics: Topics;
  readonly partitions: number;
};

/** Metrics of the edge. Called on the hot path: cheap, and never throws. */
export interface EdgeMetrics {
  /** A caller that was not admitted, or a request that could not be read. */
  rejected(code: string): void;
  /** One answer. @param route as a pattern, never the URL */
  answered(method: string, route: string, status: number, tookMs: number): void;
}

/** The state behind `/health/ready`: by part, what is missing; null: the part is ready. */
export interface Health {
  parts(): Promise<Readonly<Record<string, string | null>>>;
}

/** Text of `/metrics`, in Prometheus' format. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}
