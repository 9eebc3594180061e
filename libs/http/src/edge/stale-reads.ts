import type { FastifyReply, FastifyRequest } from 'fastify';
import { positionHeader } from './submission.js';

/**
 * `true`: the answer may lack what the caller has written; `Ringfence-Position` says how far the read model has come.
 */
const staleHeader = 'ringfence-stale';
const staleAt = Symbol('how far a stale answer has come');
type Read = FastifyRequest & { [staleAt]?: string };

/** @param position how far what is answered has come */
export function noteStale(request: FastifyRequest, position: string): void {
  (request as Read)[staleAt] = position;
}

/** Says in the headers that an answer is stale, where it is. */
export function markStale(request: FastifyRequest, reply: FastifyReply): void {
  const position = (request as Read)[staleAt];
  if (position !== undefined) void reply.header(staleHeader, 'true').header(positionHeader, position);
}
