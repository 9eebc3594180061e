import type { RequestTracing } from '@ringfence/http/edge/request-tracing';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { Config } from '../config/config.js';
import type { Metrics } from './metrics.js';

/** What a process exposes to its operator. */
export type Telemetry = {
  readonly metrics: Metrics;
  /** null: traces are off, and requests cost nothing for them. */
  readonly requests: RequestTracing | null;
  /** undefined: traces are off */
  readonly tracing: Tracing | undefined;
  readonly stop: () => Promise<void>;
};

/** Sends traces and metrics to an OpenTelemetry collector; loads nothing of it unless there is one, so that a start stays quick. */
export async function startTelemetry({ otlpEndpoint, roles }: Config, metrics: Metrics): Promise<Telemetry> {
  if (otlpEndpoint === null) return { metrics, requests: null, tracing: undefined, stop: () => Promise.resolve() };
  const { startOtlp } = await import('./otlp.js');
  return { metrics, ...startOtlp(otlpEndpoint, [...roles], metrics.registry) };
}
