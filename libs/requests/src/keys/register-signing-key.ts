import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import type { CommandBody } from '@ringfence/wire/public-commands';
import { InvalidField, type RequestBuilder, sentFields } from '../command-request.js';
import { homeNamedIn, makersOf } from './key-context.js';
import { newPolicy } from './new-policy.js';

export const requestRegisterSigningKey: RequestBuilder<'register_signing_key', 'vault' | 'ids' | 'keys'> = async (
  body,
  context,
  { vault, ids, keys },
) => {
  const { stream } = context;
  const accountId = homeNamedIn(context, body.account_id);
  const policy = ofSigningKey(await newPolicy(body, vault, stream, makersOf(keys, context)), body);
  const keyId = ids.keyId();
  return {
    stream,
    payload: {
      type: 'RegisterSigningKey',
      accountId,
      keyId,
      mode: body.mode,
      label: await vault.seal(stream, body.label),
      publicKey: body.public_key.x,
      policy,
      policyHash: policyHashOf(policy),
    },
    fields: sentFields(body),
    result: { key_id: keyId },
    secret: null,
  };
};

/** @throws InvalidField: a restriction that cannot be enforced is not accepted */
function ofSigningKey(policy: KeyPolicy, { source_cidrs: given }: CommandBody<'register_signing_key'>): KeyPolicy {
  // An inherited restriction is not the client's fault; the lane refuses a child that could not be held to it.
  if (given === undefined || given === null) return { ...policy, sourceCidrs: null };
  throw new InvalidField(
    ['source_cidrs'],
    'signing_key',
    'holds for requests; what a signing key signs comes from no address',
  );
}
