export type Tracing = { readonly stop: () => Promise<void> };

/** Sends traces and metrics to an OpenTelemetry collector; loads nothing of it unless there is one, so that a start stays quick. */
export async function startTracing(endpoint: string | null): Promise<Tracing> {
  if (endpoint === null) return { stop: () => Promise.resolve() };
  const [{ NodeSDK, metrics, resources }, { OTLPTraceExporter }, { OTLPMetricExporter }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
  ]);
  const root = endpoint.replace(/\/+$/, '');
  const sdk = new NodeSDK({
    resource: resources.resourceFromAttributes({ 'service.name': 'ringfence' }),
    traceExporter: new OTLPTraceExporter({ url: `${root}/v1/traces` }),
    metricReaders: [
      new metrics.PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${root}/v1/metrics` }) }),
    ],
    instrumentations: [],
  });
  sdk.start();
  return { stop: () => sdk.shutdown().catch(() => undefined) };
}
