import { handlerOf } from '@ringfence/domain/event-handlers';
import type { KeyIssued, SecretDigest, SigningKeyRegistered } from '@ringfence/domain/keys/key.events';
import { keyLine, type KeyLine } from '@ringfence/domain/keys/key-line';
import type { Scope } from '@ringfence/domain/shared/scopes';
import type { Mode } from '@ringfence/domain/shared/values';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, type EpochMs, position, type Position } from '@ringfence/kernel/units';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { KeyEntry } from './key-entry.js';
import { type Authentication, isStale, needsLook, rejected } from './authentication.js';
import { type AccountRate, AccountRates } from './account-rates.js';
import { CatchUp, type CaughtUp } from './catch-up.js';
import { type ParsedSecret, parseSecret } from './key-secret.js';
import { type Held, KeyTable, type PackedKeys } from './key-table.js';
import { sameDigest, type SecretHasher } from './secret-hasher.js';

/** The public key that signatures are verified against, and its owner. None of this ever changes. */
export type VerificationKey = {
  /** The `x` of the JWK: 32 bytes as base64url. */
  readonly publicKey: string;
  /** Home of the key: its account's stream, or the operators' keys. */
  readonly home: 'account' | 'platform';
  /** null: an operator's key. */
  readonly accountId: AccountId | null;
  /** null: an operator's key, which belongs to neither mode. */
  readonly mode: Mode | null;
};

type Request = {
  readonly nowMs: EpochMs;
  /** The address the request came from, in its textual form. */
  readonly sourceIp: string;
};

/** Time after which a registry that has not been at the end of the log rejects every request. */
export const registryStaleAfterMs = 2_000;
/** Time for which an unknown key waits for the registry to see everything in the log at its arrival. */
const unknownWaitsMsMax = 250;
/** Time for which any key waits for that while the registry is not fresh. */
const staleWaitsMsMax = 1_000;
/** Revoked keys that are distinguished from unknown ones; beyond that the earliest revoked one is dropped. */
const revokedKeysMax = 100_000;

/**
 * All keys in memory, folded from the log, so that requests are checked without I/O. The registry fails closed: if it
 * may have missed a revocation, it admits no request.
 */
export class KeyRegistry {
  readonly #keys = new KeyTable();
  readonly #revoked = new Set<KeyId>();
  readonly #catchUp: CatchUp;
  /** The accounts' rate limits, which apply in addition to the keys' policies. */
  readonly accountRates = new AccountRates();
  #next: Position = position(0);
  #freshAtMs = Number.NEGATIVE_INFINITY;
  readonly #revocationListeners = new Set<() => void>();
  /** True if the batch that is being applied revokes keys. */
  #revokes = false;

  readonly #take = handlerOf({
    keys: {
      KeyIssued: (event) => {
        this.#put(newEntry(event, { kind: 'secret', digest: event.digest, previous: null }));
      },
      SigningKeyRegistered: (event) => {
        this.#put(newEntry(event, { kind: 'ed25519', publicKey: event.publicKey }));
      },
      KeyRotated: ({ keyId, keyVersion, digest, previousDigest, overlapUntilMs }) => {
        const previous = { digest: previousDigest, untilMs: overlapUntilMs };
        this.#change(keyId, { keyVersion, credential: { kind: 'secret', digest, previous } });
      },
      KeyOverlapEnded: ({ keyId }) => {
        const credential = this.find(keyId)?.credential;
        if (credential?.kind === 'secret') this.#change(keyId, { credential: { ...credential, previous: null } });
      },
      KeyPolicyChanged: ({ keyId, keyVersion, policy, policyHash }) => {
        this.#change(keyId, { keyVersion, policy, policyHash });
      },
      KeyRevoked: ({ keyId, keyVersion, revokedAtMs }) => {
        this.#change(keyId, { keyVersion, state: { status: 'revoked', revokedAtMs } });
        this.#revokes = true;
      },
    },
    accounts: {
      AccountLimitsSet: ({ accountId, mode, limits }) => {
        this.accountRates.set({ accountId, mode, ...limits });
      },
      AccountOpened: 'ignore',
      AccountVerified: 'ignore',
      AccountSuspended: 'ignore',
      AccountResumed: 'ignore',
      AccountTimeZoneChanged: 'ignore',
      CreditAdded: 'ignore',
      SubjectErased: 'ignore',
    },
    calls: 'ignore',
    rejections: 'ignore',
    webhooks: 'ignore',
    apps: 'ignore',
    trunks: 'ignore',
    numbers: 'ignore',
    inventory: 'ignore',
    platform: 'ignore',
  });

  /**
   * @param hasher holds the peppers
   * @param head reads the head of the log; called only for an unknown key
   */
  constructor(
    private readonly hasher: SecretHasher,
    head: () => Promise<Position>,
    private readonly timers: Timers = systemTimers,
  ) {
    this.#catchUp = new CatchUp(this.#next, head, timers);
  }

  /** The position of the first event not yet applied, at which a subscription has to begin. */
  get nextPosition(): Position {
    return this.#next;
  }

  /** The last moment at which the registry had certainly seen the whole log; -Infinity: never yet. */
  get freshAtMs(): number {
    return this.#freshAtMs;
  }

  /**
   * Says whether the registry has recently seen the whole log. A `freshAtMs` in the future is void, because the clock
   * was set back.
   */
  isFresh(nowMs: EpochMs): boolean {
    return Math.abs(nowMs - this.#freshAtMs) <= registryStaleAfterMs;
  }

  /** Discards freshness after the clock was set back, because old moments are not comparable with new ones. */
  forgetFreshness(): void {
    this.#freshAtMs = Number.NEGATIVE_INFINITY;
  }

  get keyCount(): number {
    return this.#keys.size;
  }

  /** Peppers under which its keys have been digested; some may be in use no more. */
  get pepperIds(): ReadonlySet<string> {
    return this.#keys.pepperIds;
  }

  /**
   * Replaces the contents by keys that cover the log below `next` (the key_registry read model). Stale until the first
   * batch.
   */
  loadFrom(keys: Iterable<KeyEntry> | PackedKeys, next: Position, rates: Iterable<AccountRate> = []): void {
    this.accountRates.replace(rates);
    this.#revoked.clear();
    this.#freshAtMs = Number.NEGATIVE_INFINITY;
    if ('lines' in keys) {
      this.#keys.replace(keys);
      for (const keyId of keys.revoked) this.#rememberRevoked(keyId);
    } else {
      this.#keys.replace(null);
      for (const entry of keys) this.#put(entry);
    }
    this.#advance(next);
  }

  /**
   * Applies a batch of the log in order; events already seen are skipped.
   * @param batch empty: a heartbeat, at `seenAtMs` there was nothing left to read
   */
  apply(batch: readonly RecordedEnvelope[], seenAtMs: EpochMs): void {
    for (const envelope of batch) {
      if (envelope.position < this.#next) continue;
      invariant(envelope.position === this.#next, 'the log reaches the key registry without a gap');
      this.#take(envelope.data);
      this.#next = position(envelope.position + 1);
    }
    // An event is decided before it is committed, so at the decision of the last event no earlier one was missing.
    // Under load, without heartbeats, this is the only source of freshness.
    const decidedAtMs = batch.at(-1)?.decidedAtMs ?? seenAtMs;
    this.#freshAtMs = Math.max(this.#freshAtMs, Math.min(decidedAtMs, seenAtMs));
    this.#advance(this.#next);
    if (!this.#revokes) return;
    this.#revokes = false;
    for (const listener of this.#revocationListeners) listener();
  }

  /** Calls `listener` after each batch that revokes keys. @returns ends that */
  onRevocation(listener: () => void): () => void {
    this.#revocationListeners.add(listener);
    return () => {
      this.#revocationListeners.delete(listener);
    };
  }

  /**
   * Authenticates the bearer of a secret. Resolves at once for a known key. For a well-formed unknown one, and while
   * the registry is not fresh, waits until everything in the log at its arrival has been seen, at most a quarter of a
   * second and a second; then the answer is `registry_stale`.
   */
  async authenticate(presented: string | undefined, request: Request): Promise<Authentication> {
    const first = this.check(presented, request);
    if (!needsLook(first)) return first;
    const requestedAtMs = this.timers.monotonicMs();
    const how = await this.#catchUp.wait(isStale(first) ? staleWaitsMsMax : unknownWaitsMsMax);
    // An event not yet seen may have issued this key: the holder of a new key must not be answered that it is unknown.
    if (how !== 'caught_up') return rejected('registry_stale');
    // The process may have been suspended meanwhile, for far longer than the intended wait.
    const waitedMs = durationMs(Math.ceil(this.timers.monotonicMs() - requestedAtMs));
    const nowMs = addDuration(request.nowMs, waitedMs);
    // Having seen all that was there at its arrival is worth a heartbeat of that moment. A process that was suspended
    // gets its first requests before its next heartbeat.
    const isFresh = waitedMs <= registryStaleAfterMs || this.isFresh(nowMs);
    return this.#answer(presented, { ...request, nowMs }, isFresh);
  }

  /** The answer of `authenticate` by the present state, without waiting. */
  check(presented: string | undefined, request: Request): Authentication {
    return this.#answer(presented, request, this.isFresh(request.nowMs));
  }

  #answer(presented: string | undefined, request: Request, isFresh: boolean): Authentication {
    if (presented === undefined || presented === '') return rejected('missing');
    const secret = parseSecret(presented);
    if (secret === undefined) return rejected('malformed');
    if (!isFresh) return rejected('registry_stale');
    for (const digest of this.hasher.digestsOf(secret)) {
      const held = this.#keys.holderOf(digest);
      if (held === undefined) continue;
      const judged = judge(held, this.#above(held.entry), digest, secret, request);
      if (judged.ok) this.hasher.shown(secret, digest);
      return judged;
    }
    return rejected('unknown');
  }

  /**
   * The signing key with this id, even if revoked or expired: its authority is checked by the lane, in the order of the
   * log. For an unknown id, waits like `authenticate` for an unknown secret.
   * @returns undefined: there is no signing key of this id
   * @throws Failure `key_registry_behind` (retryable): the registry could not catch up, so whether the key exists is
   *   unknown
   */
  async signingKey(keyId: KeyId): Promise<VerificationKey | undefined> {
    if (this.find(keyId) === undefined) {
      const how = await this.#catchUp.wait(unknownWaitsMsMax);
      // A rejected command is lost for good, unlike a request, so it must be certain that the key does not exist.
      if (how !== 'caught_up' && this.find(keyId) === undefined) throw registryBehind(how);
    }
    const entry = this.find(keyId);
    if (entry?.credential.kind !== 'ed25519') return undefined;
    const { accountId, mode, credential } = entry;
    const { publicKey } = credential;
    if (accountId === null) return { publicKey, home: 'platform', accountId, mode: null };
    return { publicKey, home: 'account', accountId, mode };
  }

  /** The cached result of `lineOf` for every kept key. */
  *lines(): Generator<KeyLine<KeyEntry>, undefined> {
    for (const keyId of this.#keys.ids()) yield this.lineOf(keyId);
  }

  find(keyId: KeyId): KeyEntry | undefined {
    return this.#keys.get(keyId)?.entry;
  }

  /** Says whether a key and each of its ancestors have a scope. */
  hasScope(entry: KeyEntry, scope: Scope): boolean {
    return (
      entry.policy.scopes.includes(scope) &&
      this.#above(entry).every((held) => held.entry.policy.scopes.includes(scope))
    );
  }

  /** The key and its ancestors, its parent second; empty: the key is unknown. */
  lineOf(keyId: KeyId): KeyLine<KeyEntry> {
    const entry = this.find(keyId);
    return entry === undefined ? [] : [entry, ...this.#above(entry).map((held) => held.entry)];
  }

  /** The key's ancestors, parent first. Ends early at one that was revoked so long ago that it was dropped. */
  #above({ parentKeyId }: KeyEntry): KeyLine<Held> {
    if (parentKeyId === null) return [];
    return keyLine(
      parentKeyId,
      (keyId) => this.#keys.get(keyId),
      ({ entry }) => entry.parentKeyId,
    );
  }

  #change(keyId: KeyId, change: Partial<KeyEntry>): void {
    const held = this.#keys.get(keyId);
    // Dropped, because it was revoked long ago.
    if (held === undefined) return;
    this.#put({ ...held.entry, ...change });
  }

  #put(entry: KeyEntry): void {
    this.#keys.put(entry);
    if (entry.state.status === 'revoked') this.#rememberRevoked(entry.keyId);
  }

  #rememberRevoked(keyId: KeyId): void {
    this.#revoked.add(keyId);
    if (this.#revoked.size <= revokedKeysMax) return;
    const [longest] = this.#revoked;
    if (longest === undefined) return;
    this.#keys.delete(longest);
    this.#revoked.delete(longest);
  }

  #advance(next: Position): void {
    this.#next = next;
    this.#catchUp.advance(next);
  }
}

function judge(
  { entry, sources }: Held,
  above: KeyLine<Held>,
  digest: SecretDigest,
  secret: ParsedSecret,
  request: Request,
): Authentication {
  const { keyId, credential } = entry;
  if (credential.kind !== 'secret') return rejected('unknown');
  const { previous } = credential;
  const isCurrent = sameDigest(credential.digest, digest);
  const isPrevious = previous !== null && sameDigest(previous.digest, digest);
  if ((!isCurrent && !isPrevious) || secret.mode !== entry.mode) return rejected('unknown');
  const line = [entry, ...above.map((held) => held.entry)];
  const isWhole = line.at(-1)?.parentKeyId === null;
  if (!isWhole || line.some(({ state }) => state.status === 'revoked')) return rejected('revoked', keyId);
  if (line.some(({ policy: { expiresAtMs } }) => expiresAtMs !== null && request.nowMs >= expiresAtMs))
    return rejected('expired', keyId);
  if (!isCurrent && previous !== null && request.nowMs >= previous.untilMs) return rejected('expired', keyId);
  if (![sources, ...above.map((held) => held.sources)].every((each) => each?.allows(request.sourceIp) ?? true))
    return rejected('source_not_allowed', keyId);
  return { ok: true, entry };
}

function newEntry(event: KeyIssued | SigningKeyRegistered, credential: KeyEntry['credential']): KeyEntry {
  const { keyId, accountId, mode, parentKeyId, policy, policyHash } = event;
  const known = { keyId, accountId, mode, parentKeyId, policy, policyHash, credential };
  return { ...known, keyVersion: 1, state: { status: 'active' } };
}

function registryBehind(how: Exclude<CaughtUp, 'caught_up'>): Failure {
  return new Failure('key_registry_behind', `the keys have not been seen up to the end of the log: ${how}`, true);
}
