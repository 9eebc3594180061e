import { Inject, Injectable } from '@nestjs/common';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import type { Rate } from '@ringfence/auth/account-rates';
import type { Clock } from '@ringfence/kernel/clock';
import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { HttpProblem } from '../problem.js';
import { CLOCK } from './ports.js';

/**
 * The most keys and accounts whose rate is estimated at a time; the least recently used is evicted, and starts again
 * with its full burst.
 */
const estimatedRatesMax = 10_000;

/** One quota policy in the headers: the key's own rate, or that of the account in this mode, if it was set. */
type Quota = { readonly name: 'calls' | 'account'; readonly whose: string; readonly rate: Rate };
type Left = { readonly remaining: number; readonly resetS: number };

/**
 * Sets `RateLimit` and `RateLimit-Policy` of the IETF draft (draft-ietf-httpapi-ratelimit-headers). The lane decides,
 * exactly and from the log; the headers are this gateway's own estimate by the same rule (GCRA), good enough to pace a
 * client.
 */
@Injectable()
export class RateLimitHeaders {
  /** The theoretical arrival time of each quota's next call, in milliseconds. */
  readonly #arrivals = new LRUCache<string, number>({ max: estimatedRatesMax });

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(KeyRegistry) private readonly registry: Pick<KeyRegistry, 'accountRates'>,
  ) {}

  onAccepted(entry: KeyEntry, reply: FastifyReply): void {
    const nowMs = this.clock.now();
    const quotas = this.#quotasOf(entry);
    write(
      reply,
      quotas,
      quotas.map((quota) => this.#afterCall(quota, nowMs)),
    );
  }

  onRefused(entry: KeyEntry, { code, extras }: HttpProblem, reply: FastifyReply): void {
    if (code !== 'rate_limited') return;
    const nowMs = this.clock.now();
    const resetS = Math.ceil((extras.retryAfterMs ?? 1_000) / 1_000);
    const exhausted = extras.limitName === 'account_calls_per_second' ? 'account' : 'calls';
    const quotas = this.#quotasOf(entry);
    const left = quotas.map((quota) =>
      quota.name === exhausted ? { remaining: 0, resetS } : leftAt(quota, this.#arrivalOf(quota, nowMs), nowMs),
    );
    write(reply, quotas, left);
  }

  #quotasOf({ keyId, accountId, mode, policy }: KeyEntry): readonly Quota[] {
    const own: Quota = { name: 'calls', whose: keyId, rate: policy };
    const rate = accountId === null ? undefined : this.registry.accountRates.of(accountId, mode);
    return rate === undefined ? [own] : [own, { name: 'account', whose: `${String(accountId)} ${mode}`, rate }];
  }

  #afterCall(quota: Quota, nowMs: number): Left {
    const arrivalMs = this.#arrivalOf(quota, nowMs) + stepMsOf(quota);
    this.#arrivals.set(quota.whose, arrivalMs);
    return leftAt(quota, arrivalMs, nowMs);
  }

  #arrivalOf({ whose }: Quota, nowMs: number): number {
    return Math.max(this.#arrivals.get(whose) ?? nowMs, nowMs);
  }
}

function stepMsOf({ rate }: Quota): number {
  return 1_000 / rate.callsPerSecond;
}

function leftAt(quota: Quota, arrivalMs: number, nowMs: number): Left {
  const owedMs = arrivalMs - nowMs;
  const remaining = Math.max(0, Math.floor(quota.rate.burstCalls - owedMs / stepMsOf(quota) + 1e-6));
  return { remaining, resetS: Math.ceil(owedMs / 1_000) };
}

function write(reply: FastifyReply, quotas: readonly Quota[], left: readonly Left[]): void {
  const policies = quotas.map(({ name, rate: { burstCalls, callsPerSecond } }) => {
    const windowS = Math.max(1, Math.ceil(burstCalls / callsPerSecond));
    return `"${name}";q=${String(burstCalls)};w=${String(windowS)}`;
  });
  const limits = quotas.map(({ name }, at) => {
    const { remaining, resetS } = left[at] ?? { remaining: 0, resetS: 0 };
    return `"${name}";r=${String(remaining)};t=${String(resetS)}`;
  });
  void reply.header('ratelimit-policy', policies.join(', '));
  void reply.header('ratelimit', limits.join(', '));
}
