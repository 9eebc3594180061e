import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Tracing of requests. */
export interface RequestTracing {
  /** @returns the span that began, with the W3C trace context that everything after it belongs to */
  begin(request: FastifyRequest): RequestSpan;
}
type RequestSpan = {
  readonly traceparent: string;
  /** @param route as a pattern, never the URL */
  readonly end: (route: string, status: number) => void;
};

/** Gives every request a span of its own, under the caller's if it named one; the events that it leads to carry it. */
export function traceRequests(fastify: FastifyInstance, tracing: RequestTracing): void {
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const span = tracing.begin(request);
    spans.set(request, span);
    request.headers['traceparent'] = span.traceparent;
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    spans.get(request)?.end(request.routeOptions.url ?? '(no route)', reply.statusCode);
    done();
  });
}
