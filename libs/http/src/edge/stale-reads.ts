import type { FastifyReply, FastifyRequest } from 'fastify';
import { positionHeader } from './submission.js';

/**
 * Header of a stale answer, which may lack writes of the caller; `Ringfence-Position` is the read model's position.
 */
const staleHeader = 'ringfence-stale';
const staleAt = Symbol('how far a stale answer has come');
type Read = FastifyRequest & { [staleAt]?: string };

/** @param position the position of the answered data */
export function noteStale(request: FastifyRequest, position: string): void {
  (request as Read)[staleAt] = position;
}

/** Sets the headers of a stale answer. */
export function markStale(request: FastifyRequest, reply: FastifyReply): void {
  const position = (request as Read)[staleAt];
  if (position !== undefined) void reply.header(staleHeader, 'true').header(positionHeader, position);
}
