import { type RequestBuilder, sentFields } from '../command-request.js';
import { accountOf, keyIdIn } from './key-context.js';
import { policyChange } from './new-policy.js';

export const requestChangeKeyPolicy: RequestBuilder<'change_key_policy', 'vault'> = async (
  body,
  context,
  { vault },
) => {
  const { stream } = context;
  const keyId = keyIdIn(body.key_id);
  const change = await policyChange(body, vault, stream);
  return {
    stream,
    payload: { type: 'ChangeKeyPolicy', accountId: accountOf(context), keyId, change },
    fields: sentFields(body),
    result: { key_id: keyId },
    secret: null,
  };
};
