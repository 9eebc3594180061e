import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import type { RequestTracing } from '@ringfence/http/edge/request-tracing';
import { Failure } from '@ringfence/kernel/failure';
import { causesMax, type TracedSpan, type Tracing } from '@ringfence/kernel/tracing';

/** Spans of requests, after OpenTelemetry's semantic conventions. They contain nothing that a client sent. */
export function requestSpans(): RequestTracing {
  const tracer = trace.getTracer('ringfence');
  return {
    begin: ({ method, headers, routeOptions }) => {
      const parent = propagation.extract(context.active(), headers);
      const name = `${method} ${routeOptions.url ?? '(no route)'}`;
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        end: (route, status) => {
          span.setAttributes({
            'http.request.method': method,
            'http.route': route,
            'http.response.status_code': status,
          });
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}

/** Spans of work that is done for several requests at once, or later. */
export function spans(): Tracing {
  const tracer = trace.getTracer('ringfence');
  const traced = (span: Span): TracedSpan => ({
    begin: (name) => traced(tracer.startSpan(name, {}, trace.setSpan(ROOT_CONTEXT, span))),
    end: (attributes) => {
      if (attributes !== undefined) span.setAttributes(attributes);
      span.end();
    },
    failed: (failure) => {
      const code = failure instanceof Failure ? failure.code : 'broken';
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      span.end();
    },
  });
  return {
    begin: (name, causes, attributes, startedAtMs) => {
      const contexts = contextsOf(causes);
      const parent = contexts.find(({ traceFlags }) => (traceFlags & TraceFlags.SAMPLED) !== 0) ?? contexts[0];
      const links = contexts.flatMap((linked) => (linked === parent ? [] : [{ context: linked }]));
      const options = { attributes, links, ...(startedAtMs === undefined ? {} : { startTime: startedAtMs }) };
      const under = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
      return traced(tracer.startSpan(name, options, under));
    },
  };
}

function contextsOf(causes: readonly (string | null)[]): readonly SpanContext[] {
  const distinct = new Set<string>();
  for (const cause of causes) {
    if (distinct.size > causesMax) break;
    if (cause !== null) distinct.add(cause);
  }
  return [...distinct].map(contextOf);
}

/** Parses `00-<32 hex>-<16 hex>-<2 hex>`, the only form in commands and events. */
function contextOf(traceparent: string): SpanContext {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
