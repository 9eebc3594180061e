import { mintSecret, secretHintOf } from '@ringfence/auth/key-secret';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import { type RequestBuilder, sentFields } from '../command-request.js';
import { homeNamedIn, makersOf } from './key-context.js';
import { newPolicy } from './new-policy.js';

export const requestIssueKey: RequestBuilder<'issue_key', 'vault' | 'ids' | 'hasher' | 'keys'> = async (
  body,
  context,
  { vault, ids, hasher, keys },
) => {
  const { stream } = context;
  const accountId = homeNamedIn(context, body.account_id);
  const { label, mode } = body;
  const policy = await newPolicy(body, vault, stream, makersOf(keys, context));
  const secret = mintSecret(mode);
  const keyId = ids.keyId();
  const secretHint = secretHintOf(secret);
  return {
    stream,
    payload: {
      type: 'IssueKey',
      accountId,
      keyId,
      mode,
      label: await vault.seal(stream, label),
      digest: hasher.digestOf(secret),
      secretHint,
      policy,
      policyHash: policyHashOf(policy),
    },
    fields: sentFields(body),
    result: { key_id: keyId, secret_hint: secretHint },
    secret,
  };
};
