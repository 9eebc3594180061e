import type { SecretDigest } from '@ringfence/domain/keys/key.events';
import { hkdfSync, timingSafeEqual } from 'node:crypto';
import { HmacSha256 } from '@ringfence/runtime/hmac-sha256';
import type { KeyRing, NamedKey } from '@ringfence/runtime/key-ring';
import type { ParsedSecret } from './key-secret.js';
import { RenewedDigests } from './renewed-digests.js';

/** Digests secrets for the log: HMAC-SHA-256 under a pepper that is not in the log. */
export class SecretHasher {
  readonly #current: Pepper;
  readonly #peppers: readonly Pepper[];

  /**
   * @param peppers the first digests new secrets; digests under the others are still recognised
   * @param renewals digests of keys that were used since a pepper was replaced
   */
  constructor(
    peppers: KeyRing,
    private readonly renewals = new RenewedDigests([], null, () => undefined),
  ) {
    this.#current = pepperOf(peppers.current);
    this.#peppers = peppers.all.map(pepperOf);
  }

  /** The digest of a new secret, to be recorded. */
  digestOf(secret: ParsedSecret): SecretDigest {
    return digestUnder(this.#current, secret);
  }

  /** The digests that a secret may have in the log, those under the current pepper first. */
  *digestsOf(secret: ParsedSecret): Generator<SecretDigest, undefined> {
    for (const pepper of this.#peppers) yield this.renewals.loggedAs(digestUnder(pepper, secret));
  }

  /** Notes that a key was accepted, so that its secret is recognised by the current pepper alone from now on. */
  shown(secret: ParsedSecret, logged: SecretDigest): void {
    if (this.renewals.isUnder(logged, this.#current.id)) return;
    this.renewals.keep({ logged, renewed: digestUnder(this.#current, secret) });
  }
}

/** Compares in constant time. */
export function sameDigest(left: SecretDigest, right: SecretDigest): boolean {
  const [a, b] = [Buffer.from(left.hmacSha256, 'latin1'), Buffer.from(right.hmacSha256, 'latin1')];
  return left.pepperId === right.pepperId && a.length === b.length && timingSafeEqual(a, b);
}

type Pepper = { readonly id: string; readonly hmac: HmacSha256 };

function pepperOf({ id, bytes }: NamedKey): Pepper {
  return { id, hmac: new HmacSha256(Buffer.from(hkdfSync('sha256', bytes, '', 'ringfence/key-secret/v1', 32))) };
}

function digestUnder({ id, hmac }: Pepper, secret: ParsedSecret): SecretDigest {
  return { pepperId: id, hmacSha256: hmac.digest(secret.text).toString('hex') };
}
