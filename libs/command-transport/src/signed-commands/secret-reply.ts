import { type ReplyKey, sealedHeader } from '@ringfence/wire/signed-command';
import { CompactEncrypt, importJWK } from 'jose';
import type { RequestSecret } from '@ringfence/requests/command-request';

/**
 * Encrypts a secret to the reply key, as a compact JWE.
 * @throws Error: nothing can be encrypted to this key
 */
export async function sealedSecret(secret: RequestSecret, replyKey: ReplyKey): Promise<string> {
  const key = await importJWK({ ...replyKey }, sealedHeader.alg);
  return new CompactEncrypt(Buffer.from(secret.text)).setProtectedHeader({ ...sealedHeader }).encrypt(key);
}
