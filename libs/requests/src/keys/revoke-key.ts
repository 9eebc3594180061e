import type { RequestBuilder } from '../command-request.js';
import { accountOf, keyIdIn } from './key-context.js';

export const requestRevokeKey: RequestBuilder<'revoke_key'> = (body, context) => {
  const keyId = keyIdIn(body.key_id);
  const [reason, onRevoke] = [body.reason ?? 'requested', body.on_revoke ?? null];
  return {
    stream: context.stream,
    payload: { type: 'RevokeKey', accountId: accountOf(context), keyId, reason, onRevoke },
    fields: { key_id: keyId, reason, on_revoke: onRevoke },
    result: { key_id: keyId },
    secret: null,
  };
};
