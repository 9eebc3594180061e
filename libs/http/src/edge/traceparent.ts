import type { FastifyRequest } from 'fastify';

const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The W3C trace context of the request; an invalid one is ignored. */
export function traceparentOf({ headers: { traceparent } }: FastifyRequest): string | null {
  return typeof traceparent === 'string' && traceparentPattern.test(traceparent) ? traceparent : null;
}
