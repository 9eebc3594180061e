import { createHash } from 'node:crypto';
import type { KeyId } from '@ringfence/kernel/ids';
import {
  type CommandFields,
  commandTypeOf,
  type PublicCommandName,
  publicCommands,
} from '@ringfence/wire/public-commands';
import type { MessageHeaders } from '@ringfence/ports/message-bus/message';
import { binaryHeaders } from '@ringfence/wire/cloud-event';
import {
  type ReplyKey,
  replyToAttribute,
  sealedHeader,
  signatureAttribute,
  signatureHeader,
  type SignedAttributes,
  type SignedClaims,
  signedPayload,
} from '@ringfence/wire/signed-command';
import { CompactEncrypt, CompactSign, type CryptoKey, exportJWK, generateKeyPair, importJWK } from 'jose';

type EncryptionKey = { readonly kty: 'OKP'; readonly crv: 'X25519'; readonly x: string; readonly kid: string };

/** A command to sign; every part of it can be made invalid. */
export type CommandToSign = {
  readonly name: PublicCommandName;
  readonly id: string;
  readonly subject: string;
  /** Fields in clear; personal ones are encrypted by the client. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The value as it is, instead of one made from `body`. */
  readonly rawValue?: Uint8Array;
  readonly replyTo?: string | undefined;
  readonly replyKey?: ReplyKey;
  readonly issuedAtS: number;
  readonly expiresAtS: number;
};

/**
 * A client with a signing key of its own: it writes commands as docs/backend.md describes them, and uses nothing of the
 * platform except public keys.
 */
export class SigningClient {
  private constructor(
    readonly privateKey: CryptoKey,
    /** The `x` of its JWK. */
    readonly publicKey: string,
  ) {}

  static async create(): Promise<SigningClient> {
    const { privateKey, publicKey } = await generateKeyPair(signatureHeader.alg, { crv: 'Ed25519', extractable: true });
    const { x = '' } = await exportJWK(publicKey);
    return new SigningClient(privateKey, x);
  }

  async message(
    keyId: KeyId,
    audience: string,
    encryption: EncryptionKey,
    command: CommandToSign,
  ): Promise<{ readonly headers: MessageHeaders; readonly value: Uint8Array }> {
    const { name, id, subject, body, rawValue, replyTo, replyKey, issuedAtS, expiresAtS } = command;
    const value = rawValue ?? Buffer.from(JSON.stringify(await sealedBody(name, body, subject, encryption)));
    const attributes: SignedAttributes = {
      type: commandTypeOf(name),
      id,
      source: 'urn:example:orders',
      subject,
      replyTo: replyTo ?? null,
      dataSha256: createHash('sha256').update(value).digest('base64url'),
    };
    const claims: SignedClaims = { audience, issuedAtS, expiresAtS, replyKey: replyKey ?? null };
    const signature = await this.sign(signedPayload(attributes, claims), { ...signatureHeader, kid: keyId });
    const { type, source } = attributes;
    const extensions = {
      [signatureAttribute]: signature,
      ...(replyTo === undefined ? {} : { [replyToAttribute]: replyTo }),
    };
    return { headers: binaryHeaders({ id, source, type, subject, time: null, extensions }), value };
  }

  sign(
    payload: string,
    header: { readonly alg: string; readonly typ?: string; readonly kid?: string },
  ): Promise<string> {
    return new CompactSign(Buffer.from(payload)).setProtectedHeader(header).sign(this.privateKey);
  }
}

/** Encrypts one personal value as a command carries it. */
export async function sealedValue(value: string, subject: string, { kid, ...jwk }: EncryptionKey): Promise<string> {
  const key = await importJWK(jwk, sealedHeader.alg);
  return new CompactEncrypt(Buffer.from(value)).setProtectedHeader({ ...sealedHeader, kid, sub: subject }).encrypt(key);
}

async function sealedBody(
  name: PublicCommandName,
  body: Readonly<Record<string, unknown>>,
  subject: string,
  key: EncryptionKey,
): Promise<object> {
  const fields: CommandFields = publicCommands[name].fields;
  const seal = (value: unknown) => (typeof value === 'string' ? sealedValue(value, subject, key) : value);
  const members = Object.entries(body).map(async ([field, value]) => {
    const sealed =
      fields[field]?.personal !== true
        ? value
        : await (Array.isArray(value) ? Promise.all(value.map(seal)) : seal(value));
    return [field, sealed] as const;
  });
  return Object.fromEntries(await Promise.all(members));
}
