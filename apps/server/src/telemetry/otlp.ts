import { randomUUID } from 'node:crypto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { metrics, NodeSDK, resources } from '@opentelemetry/sdk-node';
import type { Registry } from 'prom-client';
import { exportedMetrics } from './otlp-metrics.js';
import { requestSpans, spans } from './otlp-spans.js';
import type { Telemetry } from './telemetry.js';

/** @param roles the roles of this process; with an id of each start, they distinguish the processes of a cluster */
export function startOtlp(
  endpoint: string,
  roles: readonly string[],
  registry: Registry,
): Pick<Telemetry, 'requests' | 'tracing' | 'stop'> {
  const root = endpoint.replace(/\/+$/, '');
  const sdk = new NodeSDK({
    resource: resources.resourceFromAttributes({
      'service.name': 'ringfence',
      'service.instance.id': randomUUID(),
      'ringfence.roles': [...roles],
    }),
    traceExporter: new OTLPTraceExporter({ url: `${root}/v1/traces` }),
    metricReaders: [
      new metrics.PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${root}/v1/metrics` }),
        metricProducers: [exportedMetrics(registry)],
      }),
    ],
    instrumentations: [],
  });
  sdk.start();
  return { requests: requestSpans(), tracing: spans(), stop: () => sdk.shutdown().catch(() => undefined) };
}
