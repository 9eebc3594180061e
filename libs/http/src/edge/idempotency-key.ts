import { type ClientKey, parseClientKey } from '@ringfence/application/idempotency/request-identity';
import type { FastifyRequest } from 'fastify';
import { ulid } from 'ulid';
import { edgeProblem } from '../problem.js';

/** The name a command goes by; whoever does not hear what became of it asks again with it. */
export type CommandName = {
  readonly key: ClientKey;
  /** false: the client sent none, and this one was made up for this request alone. */
  readonly chosenByClient: boolean;
};

const names = new WeakMap<FastifyRequest, CommandName>();

/** The same for all of one request. @throws HttpProblem `validation_failed` for an Idempotency-Key that is none */
export function commandNameOf(request: FastifyRequest): CommandName {
  const known = names.get(request);
  if (known !== undefined) return known;
  const sent = request.headers['idempotency-key'];
  const name =
    sent === undefined
      ? { key: clientKeyIn(`cmd_${ulid()}`), chosenByClient: false }
      : { key: clientKeyIn(sent), chosenByClient: true };
  names.set(request, name);
  return name;
}

/** undefined: no command was made of this request. */
export function keyToAskAgainWith(request: FastifyRequest): ClientKey | undefined {
  return names.get(request)?.key;
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
