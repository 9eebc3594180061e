import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import canonicalize from 'canonicalize';
import { CompactEncrypt, importJWK } from 'jose';

/** The answer of `GET /api/v1/platform-keys`. */
export type PlatformKeysAnswer = {
  readonly audience: string;
  readonly encryption: { readonly keys: readonly { readonly kid: string; readonly x: string }[] };
  readonly topics: {
    readonly commands: string;
    readonly replies: string;
    readonly events: string;
    readonly watermarks: string;
  };
  readonly partitions: number;
};
export type SignedRecord = {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
};
type Wanted = {
  readonly name: string;
  readonly id: string;
  readonly subject: string;
  /** Fields as in the record; `sealed` encrypts personal values. */
  readonly fields: object;
  readonly replyTo: string;
  readonly replyKey?: object;
  readonly validS?: number;
};

/** Writes signed commands as docs/backend.md describes them, without any of the platform's code. */
export class OutsideClient {
  readonly publicKey: object;
  readonly #privateKey: KeyObject;

  constructor(private readonly platform: PlatformKeysAnswer) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { kty, crv, x } = publicKey.export({ format: 'jwk' });
    this.publicKey = { kty, crv, x };
    this.#privateKey = privateKey;
  }

  async sealed(subject: string, fields: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const [key] = this.platform.encryption.keys;
    const publicKey = await importJWK({ ...key, kty: 'OKP', crv: 'X25519' }, 'ECDH-ES');
    const header = { alg: 'ECDH-ES', enc: 'A256GCM', kid: key?.kid ?? '', sub: subject };
    const members = Object.entries(fields).map(async ([name, value]) => {
      return [
        name,
        await new CompactEncrypt(Buffer.from(value)).setProtectedHeader(header).encrypt(publicKey),
      ] as const;
    });
    return Object.fromEntries(await Promise.all(members));
  }

  record(keyId: string, { name, id, subject, fields, replyTo, replyKey, validS = 60 }: Wanted): SignedRecord {
    const value = JSON.stringify(fields);
    const iat = Math.floor(Date.now() / 1_000);
    const [source, type] = ['urn:example:orders', `ringfence.command.${name}.v1`];
    const payload = canonicalize({
      aud: this.platform.audience,
      data_sha256: createHash('sha256').update(value).digest('base64url'),
      exp: iat + validS,
      iat,
      id,
      ...(replyKey === undefined ? {} : { reply_key: replyKey }),
      replyto: replyTo,
      source,
      subject,
      type,
    });
    const header = { alg: 'EdDSA', kid: keyId, typ: 'ringfence-command+jws' };
    const signed = [JSON.stringify(header), payload ?? '']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    const signature = `${signed}.${sign(null, Buffer.from(signed), this.#privateKey).toString('base64url')}`;
    const headers = {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: source,
      ce_type: type,
      ce_subject: subject,
      ce_replyto: replyTo,
      ce_signature: signature,
    };
    return { key: subject, value, headers };
  }
}
