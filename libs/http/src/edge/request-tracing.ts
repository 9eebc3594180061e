import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Tracing of requests. */
export interface RequestTracing {
  /** @returns the new span, with the W3C trace context for everything that follows from the request */
  begin(request: FastifyRequest): RequestSpan;
}
type RequestSpan = {
  readonly traceparent: string;
  /** @param route the pattern, never the URL */
  readonly end: (route: string, status: number) => void;
};

/** Gives every request a span, a child of the caller's if there is one; resulting events carry its context. */
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
