import { type ClientKey, parseClientKey } from '@ringfence/commands/request-identity';
import type { IdSource } from '@ringfence/kernel/ids';
import type { FastifyRequest } from 'fastify';
import { edgeProblem } from '../problem.js';
import { timesSent } from './sent-headers.js';

/** The name of a command, with which a client that got no answer repeats the request. */
type IdempotencyKey = {
  readonly key: ClientKey;
  /** false: the client sent none, and this one was generated for the request. */
  readonly chosenByClient: boolean;
};

/**
 * The property of a request that holds the key. No WeakMap: every garbage collection would visit each of its entries.
 */
const nameOf = Symbol('name of its command');
type Named = FastifyRequest & { [nameOf]?: IdempotencyKey };

/**
 * The same for all of one request.
 * @throws HttpProblem `validation_failed` for an Idempotency-Key that is none, `idempotency_key_ambiguous` for two
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

/** undefined: no command was made of this request. */
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
