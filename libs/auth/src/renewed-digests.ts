import type { SecretDigest } from '@ringfence/domain/keys/key.events';

/** Two digests of one secret: the one that the log keeps of it, and the one under a newer pepper. Neither opens anything. */
export type RenewedDigest = { readonly logged: SecretDigest; readonly renewed: SecretDigest };

/** Where renewed digests are kept for every process, and for ever. */
export interface RenewedDigestStore {
  /** Those under these peppers. @throws Failure `vault_unavailable` (retryable) */
  load(pepperIds: readonly string[]): Promise<readonly RenewedDigest[]>;
  /** Durable when it settles; the same one may come twice. @throws Failure `vault_unavailable` (retryable) */
  record(renewed: RenewedDigest): Promise<void>;
}

/** Renewals on their way to the store; one more is left to the next time its key is shown. */
export const renewalsUnderWayMax = 4_096;

/**
 * A pepper is not in the log, and neither is what it is replaced by: when a key is shown whose digest stands under an older pepper, its digest under the current one is kept beside
 * the log, and says of a secret that is digested anew which digest the log knows it by.
 */
export class RenewedDigests {
  readonly #loggedBy = new Map<string, SecretDigest>();
  readonly #pepperIdsOf = new Map<string, Set<string>>();
  readonly #underWay = new Set<string>();

  /** @param onFailure told of what could not be kept; the next showing tries again */
  constructor(
    known: Iterable<RenewedDigest>,
    private readonly store: Pick<RenewedDigestStore, 'record'> | null,
    private readonly onFailure: (failure: unknown) => void,
  ) {
    for (const each of known) this.#learn(each);
  }

  /** The digest that the log keeps of the secret that has this one. */
  loggedAs(digest: SecretDigest): SecretDigest {
    return this.#loggedBy.get(nameOf(digest)) ?? digest;
  }

  /** The peppers under which a secret is recognised that the log knows by this digest. */
  pepperIdsOf(logged: SecretDigest): ReadonlySet<string> {
    return new Set([logged.pepperId, ...(this.#pepperIdsOf.get(nameOf(logged)) ?? [])]);
  }

  /** Whether a secret that the log knows by this digest is recognised under this pepper. */
  isUnder(logged: SecretDigest, pepperId: string): boolean {
    return logged.pepperId === pepperId || this.#pepperIdsOf.get(nameOf(logged))?.has(pepperId) === true;
  }

  /** Has it kept, in the background; nobody waits for it. */
  keep(renewal: RenewedDigest): void {
    const name = nameOf(renewal.logged);
    if (this.store === null || this.#underWay.has(name) || this.#underWay.size >= renewalsUnderWayMax) return;
    this.#underWay.add(name);
    this.store
      .record(renewal)
      .then(() => {
        this.#learn(renewal);
      }, this.onFailure)
      .finally(() => this.#underWay.delete(name));
  }

  #learn({ logged, renewed }: RenewedDigest): void {
    this.#loggedBy.set(nameOf(renewed), logged);
    const peppers = this.#pepperIdsOf.get(nameOf(logged)) ?? new Set();
    this.#pepperIdsOf.set(nameOf(logged), peppers.add(renewed.pepperId));
  }
}

function nameOf({ pepperId, hmacSha256 }: SecretDigest): string {
  return `${pepperId}:${hmacSha256}`;
}
