import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { openSealedValue, readSealedValue } from '@ringfence/wire/sealed-value';
import { sealedHeader } from '@ringfence/wire/signed-command';
import { compactDecrypt, decodeProtectedHeader } from 'jose';
import type { KeyRing } from '@ringfence/runtime/key-ring';

/** A public key of the platform that values in commands are encrypted to. */
export type EncryptionJwk = {
  readonly kty: 'OKP';
  readonly crv: 'X25519';
  readonly x: string;
  readonly kid: string;
  readonly use: 'enc';
  readonly alg: 'ECDH-ES';
};
type Pair = { readonly privateKey: KeyObject; readonly jwk: EncryptionJwk };

/** PKCS #8 of an X25519 key, without its 32 bytes. Source: RFC 8410. */
const pkcs8Head = Buffer.from('302e020100300506032b656e04220420', 'hex');
const options = {
  keyManagementAlgorithms: [sealedHeader.alg],
  contentEncryptionAlgorithms: [sealedHeader.enc],
  maxDecompressedLength: 0,
};

/**
 * Decrypts values that clients have encrypted to the platform. Keys are rotated by name: clients use the first, and all
 * of them decrypt.
 */
export class CommandKeys {
  readonly #pairs: ReadonlyMap<string, Pair>;

  constructor(ring: KeyRing) {
    this.#pairs = new Map(ring.all.map(({ id, bytes }) => [id, pairOf(id, bytes)]));
  }

  /** The keys to publish, the one to use first. */
  get jwks(): readonly EncryptionJwk[] {
    return [...this.#pairs.values()].map(({ jwk }) => jwk);
  }

  /**
   * @param subject the account, or `platform`, that the value must have been encrypted for, so that another account's
   * ciphertext cannot be opened
   * @returns undefined: it cannot be opened, for whatever reason
   */
  async open(jwe: string, subject: string): Promise<string | undefined> {
    try {
      const plain = readSealedValue(jwe);
      if (plain !== undefined) {
        const pair = this.#pairs.get(plain.kid);
        return pair === undefined || plain.sub !== subject ? undefined : openSealedValue(plain, pair.privateKey);
      }
      // Every other form that the standard has.
      const pair = this.#pairs.get(decodeProtectedHeader(jwe).kid ?? '');
      if (pair === undefined) return undefined;
      const { plaintext, protectedHeader } = await compactDecrypt(jwe, pair.privateKey, options);
      if (protectedHeader['sub'] !== subject) return undefined;
      return utf8.decode(plaintext);
    } catch {
      return undefined;
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function pairOf(id: string, bytes: Uint8Array): Pair {
  const der = Buffer.concat([pkcs8Head, bytes]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const exported: unknown = createPublicKey(privateKey).export({ format: 'jwk' });
  const x = isRecord(exported) && typeof exported['x'] === 'string' ? exported['x'] : '';
  return { privateKey, jwk: { kty: 'OKP', crv: 'X25519', x, kid: id, use: 'enc', alg: 'ECDH-ES' } };
}
