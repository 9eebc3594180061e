import type { RequestTracing } from '@ringfence/http/edge/request-tracing';
import type { Tracing } from '@ringfence/kernel/tracing';
import type { Config } from '../config/config.js';
import type { Metrics } from './metrics.js';

/** Metrics and traces of a process. */
export type Telemetry = {
  readonly metrics: Metrics;
  /** null: traces are off and cost requests nothing */
  readonly requests: RequestTracing | null;
  /** undefined: traces are off */
  readonly tracing: Tracing | undefined;
  readonly stop: () => Promise<void>;
};

/** Sends traces and metrics to an OpenTelemetry collector, if one is set; its code is only loaded then. */
export async function startTelemetry({ otlpEndpoint, roles }: Config, metrics: Metrics): Promise<Telemetry> {
  if (otlpEndpoint === null) return { metrics, requests: null, tracing: undefined, stop: () => Promise.resolve() };
  const { startOtlp } = await import('./otlp.js');
  return { metrics, ...startOtlp(otlpEndpoint, [...roles], metrics.registry) };
}
