import type { SecretDigest } from '@ringfence/domain/keys/key.events';
import type { KeyId } from '@ringfence/kernel/ids';
import type { PackedLines } from '@ringfence/runtime/packed-lines';
import type { KeyEntry } from './key-entry.js';
import { type SourceRanges, sourceRanges } from './source-ranges.js';

/** Keys as lines of text. An entry is made of a line when its key is used. */
export type PackedKeys = {
  /** The keys, found by their ids and by the HMACs of their secrets. The distinct values are those of peppers. */
  readonly lines: PackedLines<'keyId' | 'digest'>;
  readonly keyIdOf: (fields: readonly string[]) => KeyId;
  readonly entryOf: (fields: readonly string[]) => KeyEntry;
  /** Ids of the revoked keys, in the order of their revocations. */
  readonly revoked: readonly KeyId[];
};

/** A key with its parsed source ranges. */
export type Held = { readonly entry: KeyEntry; /** null: from anywhere */ readonly sources: SourceRanges | null };

/** Entries made of lines that are kept in either generation: of keys in use, for each its id and its digests. */
const recentMax = 8_192;

/**
 * The keys of a registry. Those known at its start stay text until they change; of these, the ones used lately are kept
 * as entries too.
 */
export class KeyTable {
  readonly #changed = new Map<KeyId, Held>();
  /** Changed keys by the HMAC alone, a string that the entry has anyway; its user compares the whole digest. */
  readonly #ownersOfDigests = new Map<string, KeyId>();
  #packed: PackedKeys | null = null;
  /** Unchanged keys by id and by HMAC. The older generation goes when the younger is full. */
  #young = new Map<string, Held>();
  #old = new Map<string, Held>();
  readonly #pepperIds = new Set<string>();

  get size(): number {
    return this.#changed.size + (this.#packed?.lines.size ?? 0);
  }

  /** Peppers under which keys have been digested; some may be in use no more. */
  get pepperIds(): ReadonlySet<string> {
    return this.#pepperIds;
  }

  /** Replaces the contents. @param packed null: there are none */
  replace(packed: PackedKeys | null): void {
    for (const map of [this.#changed, this.#ownersOfDigests, this.#pepperIds]) map.clear();
    this.#young = new Map();
    this.#old = new Map();
    this.#packed = packed;
    for (const pepperId of packed?.lines.distinct ?? []) this.#pepperIds.add(pepperId);
  }

  get(keyId: KeyId): Held | undefined {
    return this.#changed.get(keyId) ?? this.#recent(keyId) ?? this.#unpack('keyId', keyId);
  }

  /** A key that has, or has had, a digest with this HMAC: the caller compares the digest. */
  holderOf({ hmacSha256 }: SecretDigest): Held | undefined {
    const changed = this.#ownersOfDigests.get(hmacSha256);
    if (changed !== undefined) return this.#changed.get(changed);
    return this.#recent(hmacSha256) ?? this.#unpack('digest', hmacSha256);
  }

  put(entry: KeyEntry): void {
    this.delete(entry.keyId);
    this.#changed.set(entry.keyId, heldOf(entry));
    for (const { hmacSha256, pepperId } of digestsOf(entry)) {
      this.#ownersOfDigests.set(hmacSha256, entry.keyId);
      this.#pepperIds.add(pepperId);
    }
  }

  delete(keyId: KeyId): void {
    const held = this.get(keyId);
    if (held === undefined) return;
    const digests = digestsOf(held.entry).map(({ hmacSha256 }) => hmacSha256);
    for (const digest of digests) this.#ownersOfDigests.delete(digest);
    this.#changed.delete(keyId);
    for (const recent of [this.#young, this.#old]) for (const name of [keyId, ...digests]) recent.delete(name);
    const line = this.#packed?.lines.find('keyId', keyId);
    if (line !== undefined) this.#packed?.lines.remove(line);
  }

  /** The ids of all keys. The keys must not change meanwhile. */
  *ids(): Generator<KeyId, undefined> {
    yield* this.#changed.keys();
    if (this.#packed === null) return;
    const { lines, keyIdOf } = this.#packed;
    for (const line of lines.numbers()) yield keyIdOf(lines.fields(line));
  }

  #recent(name: string): Held | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.#keepRecent(old);
    return old;
  }

  #unpack(index: 'keyId' | 'digest', value: string): Held | undefined {
    if (this.#packed === null) return undefined;
    const { lines, entryOf } = this.#packed;
    const line = lines.find(index, value);
    if (line === undefined) return undefined;
    const held = heldOf(entryOf(lines.fields(line)));
    this.#keepRecent(held);
    return held;
  }

  #keepRecent(held: Held): void {
    if (this.#young.size >= recentMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(held.entry.keyId, held);
    for (const { hmacSha256 } of digestsOf(held.entry)) this.#young.set(hmacSha256, held);
  }
}

function heldOf(entry: KeyEntry): Held {
  const cidrs = entry.policy.sourceCidrs;
  return { entry, sources: cidrs === null ? null : sourceRanges(cidrs) };
}

function digestsOf({ credential }: KeyEntry): readonly SecretDigest[] {
  if (credential.kind !== 'secret') return [];
  return credential.previous === null ? [credential.digest] : [credential.digest, credential.previous.digest];
}
