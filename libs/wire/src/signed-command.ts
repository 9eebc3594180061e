import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import type { LogId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';

/** Content of a signed command: docs/adr/0011-signed-commands.md. No cryptography happens here. */

/** Prefix of every public command's type. */
export const commandTypePrefix = 'ringfence.command.';
/** Extension attributes of a signed command: its signature, and the address of its reply. */
export const signatureAttribute = 'signature';
export const replyToAttribute = 'replyto';

/** Protected header of the signature, beside `kid`: the id of the signing key. */
export const signatureHeader = { alg: 'EdDSA', typ: 'ringfence-command+jws' } as const;
/**
 * Protected header of a sealed value, beside `kid` (the platform's key) and `sub` (the account that it is for); also
 * that of a secret in a reply.
 */
export const sealedHeader = { alg: 'ECDH-ES', enc: 'A256GCM' } as const;

/** The most characters of `ce_source`: all attributes have to fit into the signature's header. */
export const sourceCharactersMax = 255;

/** A public key to which a secret in the reply is encrypted: a JWK of RFC 8037. */
export type ReplyKey = { readonly kty: 'OKP'; readonly crv: 'X25519'; readonly x: string };

/** The attributes of the record that a signature covers. */
export type SignedAttributes = {
  readonly type: string;
  readonly id: string;
  readonly source: string;
  /** An account's id, or `platform`. */
  readonly subject: string;
  /** `<partition>.<correlation>`; null: no reply is expected */
  readonly replyTo: string | null;
  /** base64url of the SHA-256 of the record's value. */
  readonly dataSha256: string;
};

/** Claims of a signature beside the attributes. */
export type SignedClaims = {
  /** The log for which the command is signed. */
  readonly audience: string;
  readonly issuedAtS: number;
  readonly expiresAtS: number;
  readonly replyKey: ReplyKey | null;
};

export function audienceOf(logId: LogId): string {
  return `urn:ringfence:log:${logId}`;
}

/** The text that is signed: canonical JSON (RFC 8785). @throws Failure `text_not_interchangeable` */
export function signedPayload(attributes: SignedAttributes, claims: SignedClaims): string {
  const { type, id, source, subject, replyTo, dataSha256 } = attributes;
  const { audience, issuedAtS, expiresAtS, replyKey } = claims;
  return canonicalJson({
    aud: audience,
    data_sha256: dataSha256,
    exp: expiresAtS,
    iat: issuedAtS,
    id,
    ...(replyKey === null ? {} : { reply_key: replyKey }),
    ...(replyTo === null ? {} : { replyto: replyTo }),
    source,
    subject,
    type,
  } satisfies JsonObject);
}

/**
 * Reads the claims of a signature over these attributes.
 * @returns undefined: it is no signature over them, even if it differs from `signedPayload` in only one byte
 */
export function readSignedPayload(text: string, attributes: SignedAttributes): SignedClaims | undefined {
  const claims = claimsIn(text);
  return claims !== undefined && signedPayload(attributes, claims) === text ? claims : undefined;
}

function claimsIn(text: string): SignedClaims | undefined {
  const body = parsed(text);
  if (!isRecord(body)) return undefined;
  const { aud, iat, exp, reply_key: replyKey } = body;
  if (typeof aud !== 'string' || !isSeconds(iat) || !isSeconds(exp)) return undefined;
  if (replyKey !== undefined && !isReplyKey(replyKey)) return undefined;
  return { audience: aud, issuedAtS: iat, expiresAtS: exp, replyKey: replyKey ?? null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Moments beyond any real clock are invalid. */
const secondsMax = 253_402_300_799;
function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= secondsMax;
}

const key32Bytes = /^[A-Za-z0-9_-]{43}$/;
function isReplyKey(value: unknown): value is ReplyKey {
  if (!isRecord(value) || Object.keys(value).length !== 3) return false;
  const { kty, crv, x } = value;
  return kty === 'OKP' && crv === 'X25519' && typeof x === 'string' && key32Bytes.test(x);
}

/**
 * Says whether a text has the form of a compact JWE: five parts of base64url. Only the key's owner can say whether it
 * opens.
 */
export function isCompactJwe(text: unknown): text is string {
  return typeof text === 'string' && text.length <= sealedCharactersMax && compactJwe.test(text);
}
const compactJwe = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/**
 * The most characters of a sealed value: a personal value has at most 2 048 characters of four bytes, and there is a
 * header.
 */
const sealedCharactersMax = 12_288;
