import { type ClientKey, parseClientKey } from '@ringfence/commands/request-identity';
import type { IdSource } from '@ringfence/kernel/ids';
import type { FastifyRequest } from 'fastify';
import { edgeProblem } from '../problem.js';
import { timesSent } from './sent-headers.js';

/** The idempotency key of a command, with which a client that got no answer retries the request. */
type IdempotencyKey = {
  readonly key: ClientKey;
  /** False if the client sent none and this key was generated. */
  readonly chosenByClient: boolean;
};

/**
 * The property of a request that holds the key. Not a WeakMap, because every garbage collection would visit its
 * entries.
 */
const nameOf = Symbol('name of its command');
type Named = FastifyRequest & { [nameOf]?: IdempotencyKey };

/**
 * Returns the key of a request, always the same one for the same request.
 * @throws HttpProblem `validation_failed` for an invalid Idempotency-Key, `idempotency_key_ambiguous` for two
 */
export function commandNameOf(request: Named, ids: Pick<IdSource, 'commandId'>): IdempotencyKey {
  const known = request[nameOf];
  if (known !== undefined) return known;
  if (timesSent(request.raw, 'idempotency-key') > 1)
    throw edgeProblem('idempotency_key_ambiguous', 'send one Idempotency-Key, once');
  const sent = request.headers['idempotency-key'];
  const name =
    sent === undefined
      ? { key: clientKeyIn(ids.commandId()), chosenByClient: false }
      : { key: clientKeyIn(sent), chosenByClient: true };
  request[nameOf] = name;
  return name;
}

/** @returns undefined: the request did not lead to a command */
export function retryKey(request: Named): ClientKey | undefined {
  return request[nameOf]?.key;
}

function clientKeyIn(sent: string | readonly string[]): ClientKey {
  const key = typeof sent === 'string' ? parseClientKey(sent) : undefined;
  if (key !== undefined) return key;
  throw edgeProblem('validation_failed', 'Idempotency-Key has 1 to 255 printable ASCII characters', {
    errors: [
      {
        in: 'header',
        path: ['Idempotency-Key'],
        rule: 'idempotency_key',
        detail: 'has 1 to 255 printable ASCII characters',
      },
    ],
  });
}
