import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { sealedHeader } from './signed-command.js';

/**
 * A sealed value: a compact JWE by ECDH-ES over X25519 and A256GCM (RFC 7518 §4.6, RFC 8037 §3.2). `jose` reads and
 * writes the same through WebCrypto, in twice the CPU time: each step is a job for another thread.
 */
type SealedValue = {
  /** The protected header as it was written, which is authenticated. */
  readonly head: string;
  readonly kid: string;
  readonly sub: string;
  /** `x` of the sender's ephemeral key. */
  readonly epk: string;
  readonly iv: string;
  readonly ciphertext: string;
  readonly tag: string;
};

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
/** Parts that Concat KDF hashes around the shared secret: round 1; algorithm, no party info, 256 bits. */
const kdfHead = Buffer.from([0, 0, 0, 1]);
const kdfTail = Buffer.concat([
  Buffer.from([0, 0, 0, sealedHeader.enc.length]),
  Buffer.from(sealedHeader.enc),
  Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
]);

/**
 * Reads a sealed value in the form in which `sealValue` and most other clients write it.
 * @returns undefined: it has another form, or none: whether it can be opened is for a full implementation to say
 */
export function readSealedValue(jwe: string): SealedValue | undefined {
  const [, head = '', iv = '', ciphertext = '', tag = ''] = plainJwe.exec(jwe) ?? [];
  if (head === '' || !isWhole(head) || !isWhole(ciphertext)) return undefined;
  const header = parsed(Buffer.from(head, 'base64url').toString());
  if (!isRecord(header) || Object.keys(header).length !== plainMembers) return undefined;
  const { alg, enc, kid, sub, epk } = header;
  if (alg !== sealedHeader.alg || enc !== sealedHeader.enc || typeof kid !== 'string' || typeof sub !== 'string')
    return undefined;
  if (!isRecord(epk) || Object.keys(epk).length !== plainEpkMembers) return undefined;
  const { kty, crv, x } = epk;
  if (kty !== 'OKP' || crv !== 'X25519' || typeof x !== 'string' || !key32Bytes.test(x)) return undefined;
  return { head, kid, sub, epk: x, iv, ciphertext, tag };
}

/** @throws Error: it was encrypted to another key or changed, the sender's key is of low order, or it is no text */
export function openSealedValue({ head, epk, iv, ciphertext, tag }: SealedValue, privateKey: KeyObject): string {
  const key = contentKey(privateKey, publicKeyOf(epk));
  const decipher = createDecipheriv(cipher, key, Buffer.from(iv, 'base64url'), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(head));
  decipher.setAuthTag(Buffer.from(tag, 'base64url'));
  const opened = decipher.update(Buffer.from(ciphertext, 'base64url'));
  decipher.final();
  return utf8.decode(opened);
}

/** Encrypts a value to the key of this name, for this subject alone. */
export function sealValue(clear: string, to: { readonly kid: string; readonly key: KeyObject }, sub: string): string {
  const ephemeral = generateKeyPairSync('x25519');
  const { x = '', crv, kty } = ephemeral.publicKey.export({ format: 'jwk' });
  const header = { ...sealedHeader, kid: to.kid, sub, epk: { x, crv, kty } };
  const head = Buffer.from(JSON.stringify(header)).toString('base64url');
  const iv = randomBytes(ivBytes);
  const encipher = createCipheriv(cipher, contentKey(ephemeral.privateKey, to.key), iv, { authTagLength: tagBytes });
  encipher.setAAD(Buffer.from(head));
  const ciphertext = Buffer.concat([encipher.update(clear), encipher.final()]);
  const parts = [iv, ciphertext, encipher.getAuthTag()].map((bytes) => bytes.toString('base64url'));
  return `${head}..${parts.join('.')}`;
}

/** @throws Error: `x` is no key */
export function publicKeyOf(x: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
}

/** OpenSSL refuses a shared secret of zeros, which a key of low order would give. */
function contentKey(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  return hash('sha256', Buffer.concat([kdfHead, diffieHellman({ privateKey, publicKey }), kdfTail]), 'buffer');
}

const plainJwe = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{22})$/;
const key32Bytes = /^[A-Za-z0-9_-]{43}$/;
const plainMembers = 5;
const plainEpkMembers = 3;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** One character more than whole bytes is no base64url, though Buffer reads it. */
function isWhole(text: string): boolean {
  return text.length % 4 !== 1;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
