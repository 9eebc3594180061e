import type { KeyId, AccountId } from '@ringfence/kernel/ids';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { edgeProblem } from '../problem.js';

/**
 * The key of a listener, which is an account's test key.
 * @throws HttpProblem `mode_not_allowed`, `scope_not_held`
 */
export function listeningCaller(request: FastifyRequest): { readonly accountId: AccountId; readonly keyId: KeyId } {
  const caller = callerOf(request);
  const accountId = ownAccountOf(caller);
  if (caller.mode !== 'test')
    throw edgeProblem('mode_not_allowed', 'a listener is for test calls: connect it with a test key');
  return { accountId, keyId: caller.entry.keyId };
}
