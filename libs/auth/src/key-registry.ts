import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyIssued, SecretDigest, SigningKeyRegistered } from '@ringfence/domain/keys/key.events';
import { keyLine, type KeyLine } from '@ringfence/domain/keys/key-line';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { Scope } from '@ringfence/domain/keys/scopes';
import type { Mode } from '@ringfence/domain/shared/values';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { invariant, unreachable } from '@ringfence/kernel/invariant';
import type { Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, type EpochMs, position, type Position } from '@ringfence/kernel/units';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { type AccountRate, AccountRates } from './account-rates.js';
import { CatchUp, type CaughtUp } from './catch-up.js';
import { type ParsedSecret, parseSecret } from './key-secret.js';
import { sameDigest, type SecretHasher } from './secret-hasher.js';
import { type SourceRanges, sourceRanges } from './source-ranges.js';

/** Opens the door by being shown. */
export type SecretCredential = {
  readonly kind: 'secret';
  readonly digest: SecretDigest;
  /** The secret before the last rotation, while it stays good. */
  readonly previous: { readonly digest: SecretDigest; readonly untilMs: EpochMs } | null;
};
/** Signs commands on the topic; at the door there is nothing to show. */
export type SigningCredential = { readonly kind: 'ed25519'; readonly publicKey: string };

/** What signatures under a key are checked against, and whose it is. None of it ever changes. */
export type SigningKey = {
  /** The `x` of the JWK: 32 bytes as base64url. */
  readonly publicKey: string;
  /** Where the key lives: in its account's stream, or among the operators' keys. */
  readonly home: 'account' | 'platform';
  /** null: an operator's. */
  readonly accountId: AccountId | null;
  /** null: an operator's, which stands outside modes. */
  readonly mode: Mode | null;
};

/** A key as the log says it stands. */
export type KeyEntry = {
  readonly keyId: KeyId;
  /** null: an operator's key, which lives in the stream `platform`. */
  readonly accountId: AccountId | null;
  readonly mode: Mode;
  /** The key that it is a child of; null: of none. */
  readonly parentKeyId: KeyId | null;
  /** 1 when issued, one more with each rotation, change and revocation. */
  readonly keyVersion: number;
  readonly policy: KeyPolicy;
  readonly policyHash: string;
  readonly credential: SecretCredential | SigningCredential;
  readonly standing: { readonly status: 'active' } | { readonly status: 'revoked'; readonly revokedAtMs: EpochMs };
};

/** Why a door stays shut. `registry_stale` is the server's fault, the others are the asker's. */
export type AuthenticationRefusalCode =
  'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked' | 'source_not_allowed' | 'registry_stale';
export type Authentication =
  | { readonly ok: true; readonly entry: KeyEntry }
  /** `keyId`: of a key whose secret was right and that was turned away all the same. */
  | { readonly ok: false; readonly code: AuthenticationRefusalCode; readonly keyId: KeyId | null };

export type Request = {
  readonly nowMs: EpochMs;
  /** The address the request came from, in its textual form. */
  readonly sourceIp: string;
};

/** A registry that has not been at the log's end for longer than this refuses everybody. */
export const registryStaleAfterMs = 2_000;
/** Revoked keys that are told apart from unknown ones; beyond that the longest revoked is forgotten. */
export const revokedKeysMax = 100_000;

/**
 * All keys in memory, as a fold of the log: a request is checked without asking anybody. It fails closed: a registry that may have missed a
 * revocation lets nobody in.
 */
export class KeyRegistry {
  readonly #keys = new Map<KeyId, Held>();
  readonly #ownersOfDigests = new Map<string, KeyId>();
  readonly #revoked = new Set<KeyId>();
  readonly #catchUp: CatchUp;
  /** What holds for an account's keys together, beside their own policies. */
  readonly accountRates = new AccountRates();
  #next: Position = position(0);
  #freshAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param hasher holds the peppers
   * @param head asks the log for its head; only when an unknown key turns up
   */
  constructor(
    private readonly hasher: SecretHasher,
    head: () => Promise<Position>,
    private readonly timers: Timers = systemTimers,
  ) {
    this.#catchUp = new CatchUp(this.#next, head, timers);
  }

  /** The first event that it has not seen: where a subscription has to begin. */
  get nextPosition(): Position {
    return this.#next;
  }

  /** The last moment at which it had certainly seen all of the log; -Infinity before the first. */
  get freshAtMs(): number {
    return this.#freshAtMs;
  }

  /** Whether it had seen all of the log not long before. A moment that is still to come proves nothing: the clock was set back. */
  isFresh(nowMs: EpochMs): boolean {
    return Math.abs(nowMs - this.#freshAtMs) <= registryStaleAfterMs;
  }

  /** The clock was set back: when it was fresh by the old time is no moment of the new one. */
  forgetFreshness(): void {
    this.#freshAtMs = Number.NEGATIVE_INFINITY;
  }

  get keyCount(): number {
    return this.#keys.size;
  }

  /** Begins anew from entries that hold everything below `next` (the key_registry read model). Stale until the first batch. */
  loadFrom(entries: Iterable<KeyEntry>, next: Position, rates: Iterable<AccountRate> = []): void {
    this.accountRates.replace(rates);
    this.#keys.clear();
    this.#ownersOfDigests.clear();
    this.#revoked.clear();
    this.#freshAtMs = Number.NEGATIVE_INFINITY;
    for (const entry of entries) this.#put(entry);
    this.#advance(next);
  }

  /**
   * Takes in a batch of the log in order; what it has seen before is passed over.
   * @param batch empty: a heartbeat, at `seenAtMs` there was nothing more to read
   */
  apply(batch: readonly RecordedEnvelope[], seenAtMs: EpochMs): void {
    for (const envelope of batch) {
      if (envelope.position < this.#next) continue;
      invariant(envelope.position === this.#next, 'the log reaches the key registry without a gap');
      this.#take(envelope.data);
      this.#next = position(envelope.position + 1);
    }
    // What stands in the log was decided before it was committed: at the last event's decision nothing earlier was missing. Under load, when
    // heartbeats never come, that is how freshness is known.
    const decidedAtMs = batch.at(-1)?.decidedAtMs ?? seenAtMs;
    this.#freshAtMs = Math.max(this.#freshAtMs, Math.min(decidedAtMs, seenAtMs));
    this.#advance(this.#next);
  }

  /**
   * Who presents this secret. Resolves at once for a key that is known; a well-formed one that is not waits until everything that was in the
   * log when it came has been seen, together with all others that wait; after `catchUpMsMax` it is told that the registry is behind.
   */
  async authenticate(presented: string | undefined, request: Request): Promise<Authentication> {
    const first = this.check(presented, request);
    if (!isNotAccepted(first)) return first;
    const askedAtMs = this.timers.monotonicMs();
    const how = await this.#catchUp.wait();
    // What it has not seen may have issued this key: nobody who was told of a key may hear that there is none.
    if (how !== 'caught_up') return turnedAway('registry_stale');
    // The process may have been stopped while it waited, for far longer than it meant to.
    const waitedMs = durationMs(Math.ceil(this.timers.monotonicMs() - askedAtMs));
    return this.check(presented, { ...request, nowMs: addDuration(request.nowMs, waitedMs) });
  }

  /** As `authenticate`, from what is known now. */
  check(presented: string | undefined, request: Request): Authentication {
    if (presented === undefined || presented === '') return turnedAway('missing');
    const secret = parseSecret(presented);
    if (secret === undefined) return turnedAway('malformed');
    if (!this.isFresh(request.nowMs)) return turnedAway('registry_stale');
    for (const digest of this.hasher.digestsOf(secret)) {
      const held = this.#holderOf(digest);
      if (held === undefined) continue;
      const judged = judge(held, this.#above(held.entry), digest, secret, request);
      if (judged.ok) this.hasher.shown(secret, digest);
      return judged;
    }
    return turnedAway('unknown');
  }

  /**
   * The signing key of this id, though it be revoked or expired: whether it may do what it signs is for the lane to say, in the order of its log. One that
   * is not known waits, as an unknown secret does, until everything that was in the log has been seen.
   * @returns undefined: there is no signing key of this id
   * @throws Failure `key_registry_behind` (retryable): whether there is one could not be found out
   */
  async signingKey(keyId: KeyId): Promise<SigningKey | undefined> {
    if (!this.#keys.has(keyId)) {
      const how = await this.#catchUp.wait();
      // A command that is turned away is gone for good, unlike a request: unless all of the log was seen, nobody knows.
      if (how !== 'caught_up' && !this.#keys.has(keyId)) throw registryBehind(how);
    }
    const entry = this.#keys.get(keyId)?.entry;
    if (entry?.credential.kind !== 'ed25519') return undefined;
    const { accountId, mode, credential } = entry;
    const { publicKey } = credential;
    if (accountId === null) return { publicKey, home: 'platform', accountId, mode: null };
    return { publicKey, home: 'account', accountId, mode };
  }

  /** `lineOf` every key that it has not forgotten. */
  *lines(): Generator<KeyLine<KeyEntry>, undefined> {
    for (const keyId of this.#keys.keys()) yield this.lineOf(keyId);
  }

  find(keyId: KeyId): KeyEntry | undefined {
    return this.#keys.get(keyId)?.entry;
  }

  /** Whether a key has a scope: it, and each key that it hangs from. */
  hasScope(entry: KeyEntry, scope: Scope): boolean {
    return (
      entry.policy.scopes.includes(scope) &&
      this.#above(entry).every((held) => held.entry.policy.scopes.includes(scope))
    );
  }

  /** The key and its ancestors, its parent second; empty: it is not known. */
  lineOf(keyId: KeyId): KeyLine<KeyEntry> {
    const entry = this.find(keyId);
    return entry === undefined ? [] : [entry, ...this.#above(entry).map((held) => held.entry)];
  }

  /** The key's ancestors, its parent first. Ends early at one that is forgotten, for it was revoked long ago. */
  #above({ parentKeyId }: KeyEntry): KeyLine<Held> {
    if (parentKeyId === null) return [];
    return keyLine(
      parentKeyId,
      (keyId) => this.#keys.get(keyId),
      ({ entry }) => entry.parentKeyId,
    );
  }

  #holderOf(digest: SecretDigest): Held | undefined {
    const keyId = this.#ownersOfDigests.get(nameOf(digest));
    return keyId === undefined ? undefined : this.#keys.get(keyId);
  }

  #take(event: DomainEvent): void {
    switch (event.type) {
      case 'KeyIssued':
        this.#put(begun(event, { kind: 'secret', digest: event.digest, previous: null }));
        return;
      case 'SigningKeyRegistered':
        this.#put(begun(event, { kind: 'ed25519', publicKey: event.publicKey }));
        return;
      case 'KeyRotated': {
        const previous = { digest: event.previousDigest, untilMs: event.overlapUntilMs };
        this.#change(event.keyId, {
          keyVersion: event.keyVersion,
          credential: { kind: 'secret', digest: event.digest, previous },
        });
        return;
      }
      case 'KeyOverlapEnded': {
        const credential = this.#keys.get(event.keyId)?.entry.credential;
        if (credential?.kind === 'secret') this.#change(event.keyId, { credential: { ...credential, previous: null } });
        return;
      }
      case 'KeyPolicyChanged':
        this.#change(event.keyId, { keyVersion: event.keyVersion, policy: event.policy, policyHash: event.policyHash });
        return;
      case 'KeyRevoked':
        this.#change(event.keyId, {
          keyVersion: event.keyVersion,
          standing: { status: 'revoked', revokedAtMs: event.revokedAtMs },
        });
        return;
      case 'AccountLimitsSet':
        this.accountRates.set({ accountId: event.accountId, mode: event.mode, ...event.limits });
        return;
      case 'AccountOpened':
      case 'AccountVerified':
      case 'AccountSuspended':
      case 'AccountResumed':
      case 'AccountTimeZoneChanged':
      case 'CreditAdded':
      case 'SubjectErased':
      case 'CallPlaced':
      case 'CallRinging':
      case 'CallAnswered':
      case 'CallExtended':
      case 'CallHangUpRequested':
      case 'CallCompleted':
      case 'CallFailed':
      case 'CallRefused':
      case 'CallRefusalsCounted':
      case 'CommandTurnedAway':
      case 'CommandsTurnedAwayCounted':
      case 'LogOpened':
      case 'RateDeckPublished':
      case 'NumberRangeOpened':
        return;
      default:
        unreachable(event);
    }
  }

  #change(keyId: KeyId, change: Partial<KeyEntry>): void {
    const held = this.#keys.get(keyId);
    // Forgotten, for it had long been revoked.
    if (held === undefined) return;
    this.#dropDigests(held.entry);
    this.#put({ ...held.entry, ...change });
  }

  #put(entry: KeyEntry): void {
    const cidrs = entry.policy.sourceCidrs;
    this.#keys.set(entry.keyId, { entry, sources: cidrs === null ? null : sourceRanges(cidrs) });
    for (const digest of digestsOf(entry)) this.#ownersOfDigests.set(nameOf(digest), entry.keyId);
    if (entry.standing.status === 'revoked') this.#rememberRevoked(entry.keyId);
  }

  #rememberRevoked(keyId: KeyId): void {
    this.#revoked.add(keyId);
    if (this.#revoked.size <= revokedKeysMax) return;
    const [longest] = this.#revoked;
    const held = longest === undefined ? undefined : this.#keys.get(longest);
    if (longest === undefined || held === undefined) return;
    this.#dropDigests(held.entry);
    this.#keys.delete(longest);
    this.#revoked.delete(longest);
  }

  #dropDigests(entry: KeyEntry): void {
    for (const digest of digestsOf(entry)) this.#ownersOfDigests.delete(nameOf(digest));
  }

  #advance(next: Position): void {
    this.#next = next;
    this.#catchUp.advance(next);
  }
}

type Held = { readonly entry: KeyEntry; /** null: from anywhere */ readonly sources: SourceRanges | null };

function judge(
  { entry, sources }: Held,
  above: KeyLine<Held>,
  digest: SecretDigest,
  secret: ParsedSecret,
  request: Request,
): Authentication {
  const { keyId, credential } = entry;
  if (credential.kind !== 'secret') return turnedAway('unknown');
  const { previous } = credential;
  const isCurrent = sameDigest(credential.digest, digest);
  const isPrevious = previous !== null && sameDigest(previous.digest, digest);
  if ((!isCurrent && !isPrevious) || secret.mode !== entry.mode) return turnedAway('unknown');
  const line = [entry, ...above.map((held) => held.entry)];
  const isWhole = line.at(-1)?.parentKeyId === null;
  if (!isWhole || line.some(({ standing }) => standing.status === 'revoked')) return turnedAway('revoked', keyId);
  if (line.some(({ policy: { expiresAtMs } }) => expiresAtMs !== null && request.nowMs >= expiresAtMs))
    return turnedAway('expired', keyId);
  if (!isCurrent && previous !== null && request.nowMs >= previous.untilMs) return turnedAway('expired', keyId);
  if (![sources, ...above.map((held) => held.sources)].every((each) => each?.allows(request.sourceIp) ?? true))
    return turnedAway('source_not_allowed', keyId);
  return { ok: true, entry };
}

/**
 * Answers that a client is told with one word. All of them take the same way, so that the time of the answer tells no more than the word: whether a key was right
 * once is not for whoever holds it to find out.
 */
export function isNotAccepted(found: Authentication): boolean {
  return !found.ok && (found.code === 'unknown' || found.code === 'revoked' || found.code === 'expired');
}

function turnedAway(code: AuthenticationRefusalCode, keyId: KeyId | null = null): Authentication {
  return { ok: false, code, keyId };
}

function begun(event: KeyIssued | SigningKeyRegistered, credential: KeyEntry['credential']): KeyEntry {
  const { keyId, accountId, mode, parentKeyId, policy, policyHash } = event;
  const known = { keyId, accountId, mode, parentKeyId, policy, policyHash, credential };
  return { ...known, keyVersion: 1, standing: { status: 'active' } };
}

function digestsOf({ credential }: KeyEntry): readonly SecretDigest[] {
  if (credential.kind !== 'secret') return [];
  return credential.previous === null ? [credential.digest] : [credential.digest, credential.previous.digest];
}

function registryBehind(how: Exclude<CaughtUp, 'caught_up'>): Failure {
  return new Failure('key_registry_behind', `the keys have not been seen up to the end of the log: ${how}`, true);
}

function nameOf(digest: SecretDigest): string {
  return `${digest.pepperId}:${digest.hmacSha256}`;
}
