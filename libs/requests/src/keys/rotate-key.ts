import type { KeyEntry } from '@ringfence/auth/key-entry';
import { mintSecret, secretHintOf } from '@ringfence/auth/key-secret';
import { durationMs } from '@ringfence/kernel/units';
import { overlapSecondsDefault } from '@ringfence/wire/commands/keys/rotate-key';
import { InvalidField, type RequestBuilder, type RequestContext } from '../command-request.js';
import type { KeyFinder } from '../key-finder.js';
import { accountOf, keyIdIn } from './key-context.js';

export const requestRotateKey: RequestBuilder<'rotate_key', 'hasher' | 'keys'> = async (
  body,
  context,
  { hasher, keys },
) => {
  const { keyId, mode } = await keyOf(keys, body.key_id, context);
  const overlapSeconds = body.overlap_seconds ?? overlapSecondsDefault;
  const secret = mintSecret(mode);
  const secretHint = secretHintOf(secret);
  return {
    stream: context.stream,
    payload: {
      type: 'RotateKey',
      accountId: accountOf(context),
      keyId,
      digest: hasher.digestOf(secret),
      secretHint,
      overlapMs: durationMs(overlapSeconds * 1_000),
    },
    fields: { key_id: keyId, overlap_seconds: overlapSeconds },
    result: { key_id: keyId, secret_hint: secretHint },
    secret,
  };
};

async function keyOf(keys: KeyFinder, keyIdText: string, context: RequestContext): Promise<KeyEntry> {
  const home = accountOf(context);
  const found = await keys.find(keyIdIn(keyIdText), ({ accountId }) => accountId === home);
  if (found !== undefined) return found;
  throw new InvalidField(['key_id'], 'key', 'is the id of a key of this account');
}
