import { type ReplyKey, sealedHeader } from '@ringfence/wire/signed-command';
import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

/**
 * The key to which secrets in replies are encrypted. It lives as long as the client: a secret that the client did not
 * read is never shown again.
 */
export class ReplySecrets {
  private constructor(
    readonly publicKey: ReplyKey,
    private readonly privateKey: Pair['privateKey'],
  ) {}

  static async make(): Promise<ReplySecrets> {
    const { publicKey, privateKey } = await generateKeyPair(sealedHeader.alg, { crv: 'X25519', extractable: true });
    const { x = '' } = await exportJWK(publicKey);
    return new ReplySecrets({ kty: 'OKP', crv: 'X25519', x }, privateKey);
  }

  /** @returns null: the secret was encrypted to another key */
  async open(jwe: string): Promise<string | null> {
    const options = { keyManagementAlgorithms: [sealedHeader.alg], contentEncryptionAlgorithms: [sealedHeader.enc] };
    return compactDecrypt(jwe, this.privateKey, options).then(
      ({ plaintext }) => Buffer.from(plaintext).toString(),
      () => null,
    );
  }
}
