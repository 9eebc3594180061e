import type { RequestTracing } from '@ringfence/http/edge/request-tracing';

export type Tracing = {
  /** null: nobody wants traces, and requests cost nothing for them. */
  readonly requests: RequestTracing | null;
  readonly stop: () => Promise<void>;
};

/** Sends traces and metrics to an OpenTelemetry collector; loads nothing of it unless there is one, so that a start stays quick. */
export async function startTracing(endpoint: string | null): Promise<Tracing> {
  if (endpoint === null) return { requests: null, stop: () => Promise.resolve() };
  const [{ NodeSDK, metrics, resources }, { OTLPTraceExporter }, { OTLPMetricExporter }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
  ]);
  const root = endpoint.replace(/\/+$/, '');
  const exporter = new OTLPMetricExporter({ url: `${root}/v1/metrics` });
  const sdk = new NodeSDK({
    resource: resources.resourceFromAttributes({ 'service.name': 'ringfence' }),
    traceExporter: new OTLPTraceExporter({ url: `${root}/v1/traces` }),
    metricReaders: [new metrics.PeriodicExportingMetricReader({ exporter })],
    instrumentations: [],
  });
  sdk.start();
  return { requests: await requestTracing(), stop: () => sdk.shutdown().catch(() => undefined) };
}

/** Spans and durations of requests in the words of OpenTelemetry's semantic conventions. Nothing of what a client sent is among them. */
async function requestTracing(): Promise<RequestTracing> {
  const { context, metrics, propagation, SpanKind, SpanStatusCode, trace } = await import('@opentelemetry/api');
  const tracer = trace.getTracer('ringfence');
  const duration = metrics.getMeter('ringfence').createHistogram('http.server.request.duration', { unit: 's' });
  return {
    begin: ({ method, headers, routeOptions }) => {
      const parent = propagation.extract(context.active(), headers);
      const name = `${method} ${routeOptions.url ?? '(no route)'}`;
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        end: (route, status, tookMs) => {
          const attributes = {
            'http.request.method': method,
            'http.route': route,
            'http.response.status_code': status,
          };
          span.setAttributes(attributes);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
          duration.record(tookMs / 1_000, attributes);
        },
      };
    },
  };
}
