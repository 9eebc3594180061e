import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { type KeyId, parseKeyId } from '@ringfence/kernel/ids';
import type { CloudEvent } from '@ringfence/wire/cloud-event';
import {
  readSignedPayload,
  replyToAttribute,
  signatureAttribute,
  signatureHeader,
  type SignedAttributes,
  type SignedClaims,
  sourceCharactersMax,
} from '@ringfence/wire/signed-command';
import { LRUCache } from 'lru-cache';
import type { KeyRegistry, VerificationKey } from '@ringfence/auth/key-registry';
import { Limiter } from '@ringfence/runtime/limiter';

/**
 * Signatures that are checked at the same time on other threads: enough to keep those busy while this one decides a
 * whole batch.
 */
export const checksAtOnceMax = 1_024;
/** Imported public keys that are cached; importing one costs some microseconds. */
const readyKeysMax = 10_000;

export type SignedBy = { readonly keyId: KeyId; readonly key: VerificationKey; readonly claims: SignedClaims };
export type SignatureFault = {
  readonly code: 'signature_missing' | 'signature_invalid' | 'signing_key_unknown';
  readonly detail: string;
  /** The key that the signature names, whether valid or not. */
  readonly presentedKeyId: KeyId | null;
};

/** Checks that the holder of a signing key signed this record: every relevant attribute, and the value. */
export class SignatureCheck {
  readonly #ready = new LRUCache<string, KeyObject>({ max: readyKeysMax });
  /** Valid protected headers in encoded form, which are always the same for a key. */
  readonly #heads = new LRUCache<string, KeyId>({ max: readyKeysMax });
  readonly #limiter = new Limiter(checksAtOnceMax);

  constructor(private readonly keys: Pick<KeyRegistry, 'signingKey'>) {}

  /** @throws Failure `key_registry_behind` (retryable): it could not be determined whether the key exists */
  async check(event: CloudEvent): Promise<SignedBy | SignatureFault> {
    const signature = event.extensions[signatureAttribute];
    if (signature === undefined)
      return {
        code: 'signature_missing',
        detail: `the attribute ${signatureAttribute} is missing`,
        presentedKeyId: null,
      };
    const keyId = this.#keyIdIn(signature);
    if (keyId === undefined)
      return invalid(
        null,
        'its protected header has alg EdDSA, the kid of a signing key, typ ringfence-command+jws, and nothing else',
      );
    const key = await this.keys.signingKey(keyId);
    if (key === undefined)
      return { code: 'signing_key_unknown', detail: 'there is no signing key of this kid', presentedKeyId: keyId };
    const payload = await this.#limiter.run(() => this.#payloadOf(signature, key.publicKey));
    if (payload === undefined) return invalid(keyId, 'the key of its kid did not make it');
    const claims = readSignedPayload(payload, attributesOf(event));
    if (claims === undefined || event.source.length > sourceCharactersMax)
      return invalid(keyId, 'its payload is the canonical JSON of this record’s attributes, value, iat, exp and aud');
    return { keyId, key, claims };
  }

  /** @returns the key that a signature names; undefined: it is not the signature of a command */
  #keyIdIn(signature: string): KeyId | undefined {
    const [head = ''] = signature.split('.', 1);
    const known = this.#heads.get(head);
    if (known !== undefined) return known;
    const keyId = keyIdOf(head);
    if (keyId !== undefined && head.length <= headCharactersMax) this.#heads.set(head, keyId);
    return keyId;
  }

  /** @returns the signed payload; undefined: the signature is not valid for this key */
  async #payloadOf(jws: string, publicKey: string): Promise<string | undefined> {
    const [, signed = '', payload = '', signature = ''] = compactJws.exec(jws) ?? [];
    if (signed === '') return undefined;
    try {
      const key = this.#readyKey(publicKey);
      const holds = await isSignedBy(key, Buffer.from(signed), Buffer.from(signature, 'base64url'));
      return holds ? Buffer.from(payload, 'base64url').toString() : undefined;
    } catch {
      return undefined;
    }
  }

  #readyKey(publicKey: string): KeyObject {
    const known = this.#ready.get(publicKey);
    if (known !== undefined) return known;
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    this.#ready.set(publicKey, key);
    return key;
  }
}

/** Head and payload as they are signed, the payload, and the signature, which some clients pad. */
const compactJws = /^([A-Za-z0-9_-]+\.([A-Za-z0-9_-]+))\.([A-Za-z0-9_-]+)={0,2}$/;

/** Checks a signature on another thread. */
function isSignedBy(key: KeyObject, signed: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(null, signed, key, signature, (fault, holds) => {
      if (fault === null) resolve(holds);
      else reject(fault);
    });
  });
}

function invalid(presentedKeyId: KeyId | null, detail: string): SignatureFault {
  return { code: 'signature_invalid', detail: `the signature does not hold: ${detail}`, presentedKeyId };
}

/** Longer headers mean the same and are not cached. */
const headCharactersMax = 256;

function keyIdOf(head: string): KeyId | undefined {
  const header = parsedHeader(head);
  if (!isRecord(header) || Object.keys(header).length !== 3) return undefined;
  const { alg, kid, typ } = header;
  if (alg !== signatureHeader.alg || typ !== signatureHeader.typ || typeof kid !== 'string') return undefined;
  return parseKeyId(kid);
}

function parsedHeader(head: string): unknown {
  try {
    return JSON.parse(Buffer.from(head, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function attributesOf({ type, id, source, subject, extensions, data }: CloudEvent): SignedAttributes {
  return {
    type,
    id,
    source,
    subject: subject ?? '',
    replyTo: extensions[replyToAttribute] ?? null,
    dataSha256: hash('sha256', data, 'base64url'),
  };
}
