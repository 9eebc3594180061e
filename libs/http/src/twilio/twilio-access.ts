import type { AccountId } from '@ringfence/kernel/ids';
import { idOfSid, sidOf } from '@ringfence/wire/twilio/twilio-sid';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { basicCredentials } from '../edge/basic-credentials.js';
import { edgeProblem } from '../problem.js';

/**
 * The account of a request, which its path names. The key decides who may do what; the user name, which is the
 * account's SID or the key's, and the path have to agree with the key.
 * @throws HttpProblem `key_not_accepted`; `scope_not_held` for an operator's key
 */
export function accountNamed(request: FastifyRequest, accountSid: string): AccountId {
  const { accountId, entry } = callerOf(request);
  if (accountId === null) throw edgeProblem('scope_not_held', 'this is done with a key of the account itself');
  const [ofAccount, ofKey] = [sidOf('acc', accountId), sidOf('key', entry.keyId)];
  const user = basicCredentials(request.headers.authorization)?.user;
  const isKnownUser = user === undefined || idOfSid('acc', user) === accountId || idOfSid('key', user) === entry.keyId;
  if (!isKnownUser)
    throw edgeProblem('key_not_accepted', `Authenticate: the user of this key is ${ofAccount}, or ${ofKey}`);
  if (idOfSid('acc', accountSid) !== accountId)
    throw edgeProblem('key_not_accepted', `Authenticate: the account of this key is ${ofAccount}`);
  return accountId;
}
