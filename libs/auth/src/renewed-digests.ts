import type { SecretDigest } from '@ringfence/domain/keys/key.events';

/** Two digests of one secret: the one in the log, and the one under a newer pepper. Neither authenticates anybody. */
export type RenewedDigest = { readonly logged: SecretDigest; readonly renewed: SecretDigest };

/** Store of renewed digests, for every process and for ever. */
export interface RenewedDigestStore {
  /** The digests under these peppers. @throws Failure `vault_unavailable` (retryable) */
  load(pepperIds: readonly string[]): Promise<readonly RenewedDigest[]>;
  /** Keeps a digest, durably once settled; idempotent. @throws Failure `vault_unavailable` (retryable) */
  record(renewed: RenewedDigest): Promise<void>;
}

/** Renewals on their way to the store; one more waits until its key is presented again. */
const renewalsUnderWayMax = 4_096;

/**
 * Digests under the current pepper of keys whose digest in the log is under an older one. Peppers are not in the log,
 * and the log does not change: when such a key is presented, its new digest is kept beside the log, and leads from a
 * secret digested under the current pepper to the digest that the log has.
 */
export class RenewedDigests {
  readonly #loggedBy = new Map<string, SecretDigest>();
  readonly #pepperIdsOf = new Map<string, Set<string>>();
  readonly #underWay = new Set<string>();

  /** @param onFailure called when a digest could not be kept; the next use of the key tries again */
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

  /** Says whether a secret that the log knows by this digest is recognised under this pepper. */
  isUnder(logged: SecretDigest, pepperId: string): boolean {
    return logged.pepperId === pepperId || this.#pepperIdsOf.get(nameOf(logged))?.has(pepperId) === true;
  }

  /** Keeps a digest in the background; callers do not wait. */
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
