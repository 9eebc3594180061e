import type { EncryptionJwk } from '@ringfence/command-transport/signed-commands/command-keys';
import type { LogId } from '@ringfence/kernel/ids';
import type { Topics } from '@ringfence/wire/topics';

/** Tokens of the ports behind the HTTP edge, for `@Inject`. */
export const CLOCK = Symbol('Clock');
export const ID_SOURCE = Symbol('IdSource');
export const EDGE_METRICS = Symbol('EdgeMetrics');
export const LOG_NAME = Symbol('LogName');
export const HEALTH = Symbol('Health');
export const METRICS_TEXT = Symbol('MetricsText');
/** Token of a port that may be null: clients publish no commands to topics. */
export const COMMAND_TOPICS = Symbol('CommandTopics');

/** Identity of the platform's log. */
export type LogName = { readonly logId: LogId };

/** Data that a client needs to publish commands to topics. */
export type CommandTopics = {
  readonly encryption: readonly EncryptionJwk[];
  readonly topics: Topics;
  readonly partitions: number;
};

/** Metrics of the edge. Called on the hot path, so must be cheap and must not throw. */
export interface EdgeMetrics {
  /** Counts a caller that was not admitted, or a request that could not be read. */
  rejected(code: string): void;
  /** Counts an answer. @param route the pattern, never the URL */
  answered(method: string, route: string, status: number, tookMs: number): void;
}

/** The state for `/health/ready`: what each part lacks; null: the part is ready. */
export interface Health {
  parts(): Promise<Readonly<Record<string, string | null>>>;
}

/** Text for `/metrics`, in the format of Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}
