import type { EncryptionJwk } from '@ringfence/command-transport/signed-commands/command-keys';
import type { LogId } from '@ringfence/kernel/ids';
import type { Topics } from '@ringfence/wire/topics';

/** Tokens of what the roles put behind the HTTP edge, for `@Inject`. */
export const EVENT_STORE = Symbol('EventStore');
export const CLOCK = Symbol('Clock');
export const ID_SOURCE = Symbol('IdSource');
export const EDGE_METRICS = Symbol('EdgeMetrics');
export const LOG_NAME = Symbol('LogName');
export const HEALTH = Symbol('Health');
export const METRICS_TEXT = Symbol('MetricsText');
/** null behind it: commands do not come from a topic here. */
export const COMMAND_TOPICS = Symbol('CommandTopics');

/** Which log this platform writes. */
export type LogName = { readonly logId: LogId };

/** What a client has to know to publish commands by itself. */
export type CommandTopics = {
  readonly encryption: readonly EncryptionJwk[];
  readonly topics: Topics;
  readonly partitions: number;
};

/** What the edge tells about itself. Called on the hot path: cheap, and it does not throw. */
export interface EdgeMetrics {
  /** Somebody who was not let in, or a request that could not be read. */
  turnedAway(code: string): void;
  /** One answer: its route as a pattern, never the URL. */
  answered(method: string, route: string, status: number, tookMs: number): void;
}

/** What `/health/ready` looks at. Names are the parts', texts say what is missing; no text: the part is ready. */
export interface Health {
  parts(): Promise<Readonly<Record<string, string | null>>>;
}

/** Everything for `/metrics`, in Prometheus' text format. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}
