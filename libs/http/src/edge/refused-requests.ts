import type { Timers } from '@ringfence/kernel/timers';
import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EdgeMetrics } from './ports.js';
import type { ProblemAnswer } from './problem.filter.js';

export const refusedRequestLimits = {
  /** Time after which what was refused is forgotten: the next such request has its key checked. */
  rememberedMs: 250,
  /** Kinds of requests that are remembered; others are refused once their key is checked. */
  kindsMax: 1_024,
} as const;

/** Parts of a request that are the same in requests that are refused alike. */
export type RequestKind = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

type Refused = {
  readonly account: string;
  /** Pattern of the route. */
  readonly route: string;
  readonly answer: ProblemAnswer;
};

/** Requests that were refused a moment ago, by what is alike in such requests. */
export class RefusedRequests {
  readonly #kinds = new Map<string, Refused>();
  #sinceMs = 0;

  constructor(private readonly timers: Pick<Timers, 'monotonicMs'>) {}

  note(kind: RequestKind, refused: Refused): void {
    this.#forgetOld();
    if (this.#kinds.size === 0) this.#sinceMs = this.timers.monotonicMs();
    if (this.#kinds.size < refusedRequestLimits.kindsMax) this.#kinds.set(digestOf(kind), refused);
  }

  /** @returns undefined: none of its kind was refused a moment ago */
  like(kind: RequestKind): Refused | undefined {
    if (this.#kinds.size === 0) return undefined;
    this.#forgetOld();
    return this.#kinds.size === 0 ? undefined : this.#kinds.get(digestOf(kind));
  }

  #forgetOld(): void {
    if (this.timers.monotonicMs() - this.#sinceMs > refusedRequestLimits.rememberedMs) this.#kinds.clear();
  }
}

/** A digest, because secrets are not kept. */
function digestOf({ method, url, headers }: RequestKind): string {
  const { authorization } = headers;
  return hash(
    'sha256',
    `${String(method)} ${String(url)} ${String(headers['x-api-key'])} ${String(authorization)}`,
    'base64',
  );
}

/**
 * Answers a request as one like it was answered, ahead of the web framework, so that a flood costs little: no key is
 * checked, and its body is dropped.
 */
export function refuseAlike(
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  { route, answer: { status, headers, body } }: Refused,
  metrics: EdgeMetrics,
): void {
  response.writeHead(status, [...headers.flat(), 'content-length', String(body.length)]).end(body, 'latin1');
  metrics.rejected('overloaded');
  metrics.answered(method, route, status, tookMs);
}

/** Too little to be measured. */
const tookMs = 0;
