import { createHash, type KeyObject } from 'node:crypto';
import { binaryHeaders } from '@ringfence/wire/cloud-event';
import type { MessageHeaders } from '@ringfence/ports/message-bus/message';
import {
  type CommandFields,
  commandTypeOf,
  type PublicCommandName,
  publicCommands,
} from '@ringfence/wire/public-commands';
import { publicKeyOf, sealValue } from '@ringfence/wire/sealed-value';
import {
  type ReplyKey,
  replyToAttribute,
  signatureAttribute,
  signatureHeader,
  signedPayload,
} from '@ringfence/wire/signed-command';
import { CompactSign, importJWK, importPKCS8 } from 'jose';
import type { EncryptionKey } from '../platform-keys.js';
import { sdkFailures } from '../sdk-failures.js';
import type { OutgoingCommand } from './command-transport.js';

/** A signing key registered with the platform: its id, and the private half as PKCS #8 PEM or as a JWK. */
export type SigningKey = {
  readonly keyId: string;
  readonly privateKey:
    string | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string; readonly d: string };
};
type PrivateKey = Awaited<ReturnType<typeof importPKCS8>>;

type SignedFor = {
  readonly audience: string;
  readonly source: string;
  readonly validForMs: number;
  readonly encryption: EncryptionKey;
};

/** Makes records of commands: personal values encrypted to the platform, the whole record signed. */
export class CommandSigner {
  private constructor(
    private readonly keyId: string,
    private readonly privateKey: PrivateKey,
    private readonly encryptionKey: { readonly kid: string; readonly key: KeyObject },
    private readonly signedFor: SignedFor,
  ) {}

  /** @throws Failure `options_wrong`: the key cannot be read */
  static async make({ keyId, privateKey }: SigningKey, signedFor: SignedFor): Promise<CommandSigner> {
    const { alg } = signatureHeader;
    try {
      const signing =
        typeof privateKey === 'string' ? await importPKCS8(privateKey, alg) : await importJWK({ ...privateKey }, alg);
      const { kid, x } = signedFor.encryption;
      if (signing instanceof Uint8Array) throw new TypeError('a secret is no private key');
      return new CommandSigner(keyId, signing, { kid, key: publicKeyOf(x) }, signedFor);
    } catch (cause) {
      // Names the error and not the key, which is secret.
      const why = cause instanceof Error ? cause.name : 'unreadable';
      throw sdkFailures.options_wrong(
        `signingKey.privateKey must be an Ed25519 private key, as PKCS #8 PEM or as a JWK (${why})`,
      );
    }
  }

  async record<Name extends PublicCommandName>(
    { name, body, id, subject }: OutgoingCommand<Name>,
    replyTo: string,
    replyKey: ReplyKey,
  ): Promise<{ readonly headers: MessageHeaders; readonly value: Uint8Array }> {
    const { audience, source, validForMs } = this.signedFor;
    const value = Buffer.from(JSON.stringify(this.#sealed(name, body, subject)));
    const type = commandTypeOf(name);
    const nowMs = Date.now();
    const issuedAtS = Math.floor(nowMs / 1_000);
    const claims = {
      audience,
      issuedAtS,
      expiresAtS: issuedAtS + Math.ceil(validForMs / 1_000),
      replyKey: publicCommands[name].answersSecret ? replyKey : null,
    };
    const dataSha256 = createHash('sha256').update(value).digest('base64url');
    const payload = signedPayload({ type, id, source, subject, replyTo, dataSha256 }, claims);
    const signature = await new CompactSign(Buffer.from(payload))
      .setProtectedHeader({ ...signatureHeader, kid: this.keyId })
      .sign(this.privateKey);
    const extensions = { [replyToAttribute]: replyTo, [signatureAttribute]: signature };
    const time = new Date(nowMs).toISOString();
    return { headers: binaryHeaders({ id, source, type, subject, time, extensions }), value };
  }

  #sealed(name: PublicCommandName, body: object, subject: string): object {
    const fields: CommandFields = publicCommands[name].fields;
    // The subject is authenticated, so the value cannot be moved into a command about another account.
    const sealed = (clear: string) => sealValue(clear, this.encryptionKey, subject);
    return Object.fromEntries(
      Object.entries(body).map(([field, value]: [string, unknown]) => {
        if (fields[field]?.personal !== true || value === null || value === undefined) return [field, value];
        if (!isList(value)) return [field, sealed(textOf(value))];
        return [field, value.map((item) => sealed(textOf(item)))];
      }),
    );
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The text of a personal value: itself, or the JSON of an object. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
