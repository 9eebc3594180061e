import type { SecretDigest } from '@ringfence/domain/keys/key.events';

/** Two digests of one secret: the one in the log, and the one under a newer pepper. Neither grants access. */
export type RenewedDigest = { readonly logged: SecretDigest; readonly renewed: SecretDigest };

/** Store of renewed digests, for every process and for ever. */
export interface RenewedDigestStore {
  /** The digests under these peppers. @throws Failure `vault_unavailable` (retryable) */
  load(pepperIds: readonly string[]): Promise<readonly RenewedDigest[]>;
  /** Keeps a digest, durably once settled; idempotent. @throws Failure `vault_unavailable` (retryable) */
  record(renewed: RenewedDigest): Promise<void>;
}

/** Renewals that may be in progress; a further one waits until its key is used again. */
const renewalsUnderWayMax = 4_096;

/**
 * Digests under the current pepper, of keys whose digest in the log is under an older one. When such a key is used, its
 * new digest is stored outside the log, and maps a secret digested under the current pepper to the digest in the log.
 */
export class RenewedDigests {
  readonly #loggedBy = new Map<string, SecretDigest>();
  readonly #pepperIdsOf = new Map<string, Set<string>>();
  readonly #underWay = new Set<string>();

  /** @param onFailure called when a digest could not be stored; the next use of the key retries */
  constructor(
    known: Iterable<RenewedDigest>,
    private readonly store: Pick<RenewedDigestStore, 'record'> | null,
    private readonly onFailure: (failure: unknown) => void,
  ) {
    for (const each of known) this.#learn(each);
  }

  /** The digest in the log for the secret with this digest. */
  loggedAs(digest: SecretDigest): SecretDigest {
    return this.#loggedBy.get(nameOf(digest)) ?? digest;
  }

  /** The peppers that recognise the secret with this digest in the log. */
  pepperIdsOf(logged: SecretDigest): ReadonlySet<string> {
    // Most have no renewal, and a start asks for all keys: spare it the names.
    if (this.#pepperIdsOf.size === 0) return new Set([logged.pepperId]);
    return new Set([logged.pepperId, ...(this.#pepperIdsOf.get(nameOf(logged)) ?? [])]);
  }

  /** Says whether this pepper recognises the secret with this digest in the log. */
  isUnder(logged: SecretDigest, pepperId: string): boolean {
    return logged.pepperId === pepperId || this.#pepperIdsOf.get(nameOf(logged))?.has(pepperId) === true;
  }

  /** Stores a digest in the background; callers do not wait. */
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
