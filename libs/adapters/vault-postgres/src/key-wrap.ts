import type { KeyRing, NamedKey } from '@ringfence/runtime/key-ring';
import { Failure } from '@ringfence/kernel/failure';
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';

/** A key wrapped by a master key: AES-256 key wrap (RFC 3394), which needs no nonce and so has no limit of uses. */
export type WrappedKey = { readonly wrapped: Buffer; readonly masterKeyId: string };

const algorithm = 'id-aes256-wrap';
const initialValue = Buffer.alloc(8, 0xa6);

export function wrapKey(masterKeys: KeyRing, key: Uint8Array): WrappedKey {
  const { id, bytes } = masterKeys.current;
  const wrapping = createCipheriv(algorithm, createSecretKey(bytes), initialValue);
  return { wrapped: Buffer.concat([wrapping.update(key), wrapping.final()]), masterKeyId: id };
}

/** @throws Failure `master_key_unknown`, `wrapped_key_broken` */
export function unwrapKey(masterKeys: KeyRing, { wrapped, masterKeyId }: WrappedKey): Buffer {
  const masterKey = masterKeys.find(masterKeyId);
  if (masterKey === undefined) {
    throw new Failure(
      'master_key_unknown',
      `the vault needs the master key ${masterKeyId}, which is not configured`,
      false,
    );
  }
  return unwrap(masterKey, wrapped);
}

function unwrap({ id, bytes }: NamedKey, wrapped: Buffer): Buffer {
  try {
    const opening = createDecipheriv(algorithm, createSecretKey(bytes), initialValue);
    return Buffer.concat([opening.update(wrapped), opening.final()]);
  } catch (cause) {
    throw new Failure(
      'wrapped_key_broken',
      `a key of the vault does not open under the master key ${id}: is it the right one?`,
      false,
      { cause },
    );
  }
}
