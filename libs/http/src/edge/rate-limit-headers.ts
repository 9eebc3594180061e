import { Inject, Injectable } from '@nestjs/common';
import type { KeyEntry } from '@ringfence/application/auth/key-registry';
import type { Clock } from '@ringfence/kernel/clock';
import type { KeyId } from '@ringfence/kernel/ids';
import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { HttpProblem } from '../problem.js';
import { CLOCK } from './ports.js';

/** Keys whose rate is estimated at a time; one that was not used for longest is forgotten, and taken for rested. */
export const estimatedKeysMax = 10_000;

/**
 * `RateLimit` and `RateLimit-Policy` as the IETF draft (draft-ietf-httpapi-ratelimit-headers) has them. The decision is the lane's, exact and
 * recorded; what stands in the headers is this gateway's own reckoning of the same rule (GCRA), good enough to pace a client.
 */
@Injectable()
export class RateLimitHeaders {
  /** The theoretical arrival time of each key's next call, in milliseconds. */
  readonly #arrivals = new LRUCache<KeyId, number>({ max: estimatedKeysMax });

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  onAccepted(entry: KeyEntry, reply: FastifyReply): void {
    const { callsPerSecond, burstCalls } = entry.policy;
    const stepMs = 1_000 / callsPerSecond;
    const nowMs = this.clock.now();
    const arrivalMs = Math.max(this.#arrivals.get(entry.keyId) ?? nowMs, nowMs) + stepMs;
    this.#arrivals.set(entry.keyId, arrivalMs);
    const remaining = Math.max(0, Math.floor(burstCalls - (arrivalMs - nowMs) / stepMs + 1e-6));
    write(entry, reply, remaining, Math.ceil((arrivalMs - nowMs) / 1_000));
  }

  onRefused(entry: KeyEntry, problem: HttpProblem, reply: FastifyReply): void {
    if (problem.code !== 'rate_limited') return;
    const retryAfterMs = problem.extras.retryAfterMs ?? 1_000;
    write(entry, reply, 0, Math.ceil(retryAfterMs / 1_000));
  }
}

function write({ policy }: KeyEntry, reply: FastifyReply, remaining: number, resetS: number): void {
  const { callsPerSecond, burstCalls } = policy;
  const windowS = Math.max(1, Math.ceil(burstCalls / callsPerSecond));
  void reply.header('ratelimit-policy', `"calls";q=${String(burstCalls)};w=${String(windowS)}`);
  void reply.header('ratelimit', `"calls";r=${String(remaining)};t=${String(resetS)}`);
}
