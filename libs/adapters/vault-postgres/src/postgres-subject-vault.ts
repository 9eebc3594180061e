import type { KeyRing } from '@ringfence/runtime/key-ring';
import { checkPersonalValue, dataKeyBytes, openValue, sealValue } from '@ringfence/ports/vault/personal-value';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { SealedText } from '@ringfence/domain/shared/values';
import type { IdSource, OperationId, StreamId, SubjectId } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import type { LRUCache } from 'lru-cache';
import { agingCache } from './aging-cache.js';
import { createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import { HmacSha256 } from '@ringfence/runtime/hmac-sha256';
import type { Pool } from 'pg';
import { Coalescer } from '@ringfence/runtime/coalescer';
import { DataKeys } from './data-keys.js';
import { Deposits } from './deposits.js';
import { durableKey } from './durable-key.js';
import { unwrapKey, type WrappedKey, wrapKey } from './key-wrap.js';
import {
  deleteSubjects,
  type Erasure,
  findSubject,
  hasSubject,
  insertOrReadSubjects,
  type KeptSubject,
  readSubjectKeys,
  type SubjectRow,
} from './subject-rows.js';
import { withVaultFailures, vaultOverrun } from './vault-failures.js';
import { createVaultSchema, packVault } from './vault-schema.js';

/** The most sealed texts that are cached. */
const sealedTextsMax = 50_000;
/**
 * Time for which a sealed text is reused without checking again that its subject still exists. A process that follows
 * the log applies erasures itself and stops returning erased subjects at once; another one may return an erased subject
 * for this long, whose value can no longer be opened.
 */
export const sealedTextReuseMs = 2_000;

const limits = { batchMax: 1_024, inFlightMax: 2, queueMax: 16_384, overrun: vaultOverrun };
/** Erasures one by one: each process carries out the same ones, and with one row lock each they cannot deadlock. */
const oneByOne = { ...limits, batchMax: 1 };

type VaultParts = {
  readonly pool: Pool;
  /** The first key wraps new keys; rows under the others are still read. */
  readonly masterKeys: KeyRing;
  readonly ids: Pick<IdSource, 'subjectId'>;
  readonly timers: Pick<Timers, 'monotonicMs'>;
};

/**
 * The vault in PostgreSQL, schema `vault`. Each value has its own data key, wrapped by the master key; the value is
 * found again by an HMAC under a key that never changes. Data keys that were used lately are kept, unwrapped; each
 * process forgets one when it learns of its subject's erasure.
 */
export class PostgresSubjectVault implements SubjectVault {
  readonly #sealed: LRUCache<string, SealedText>;
  /** Values being sealed: a value requested twice is written once. */
  #sealing = new Map<string, Promise<SealedText>>();
  /** Prefix of names in the cache, known only to this process. */
  readonly #namePrefix = randomBytes(32).toString('base64');
  /** Counts erasures: a value read before one is not cached after it. */
  #erasures = 0;
  readonly #writer: Coalescer<SubjectRow, KeptSubject>;
  readonly #reader: Coalescer<SubjectId, WrappedKey | null>;
  readonly #dataKeys: DataKeys;
  readonly #eraser: Coalescer<Erasure, true>;
  readonly #deposits: Deposits;

  private constructor(
    private readonly parts: VaultParts,
    private readonly lookupHmac: HmacSha256,
  ) {
    this.#writer = new Coalescer((rows) => insertOrReadSubjects(parts.pool, rows), limits);
    this.#reader = new Coalescer((subjectIds) => readSubjectKeys(parts.pool, subjectIds), limits);
    this.#dataKeys = new DataKeys(parts.timers);
    this.#deposits = new Deposits(parts.pool, parts.masterKeys);
    this.#eraser = new Coalescer((erasures) => Promise.all(erasures.map((erasure) => this.#delete(erasure))), oneByOne);
    this.#sealed = agingCache({ timers: parts.timers, max: sealedTextsMax, ttlMs: sealedTextReuseMs });
  }

  /**
   * Creates the schema if it is missing.
   * @throws Failure `vault_unavailable` (retryable), `master_key_unknown`, `wrapped_key_broken` (this is not the
   * vault's master key)
   */
  static async open(parts: VaultParts): Promise<PostgresSubjectVault> {
    await withVaultFailures(() => createVaultSchema(parts.pool));
    return new PostgresSubjectVault(
      parts,
      new HmacSha256(await durableKey(parts.pool, parts.masterKeys, 'value_lookup')),
    );
  }

  async seal(account: StreamId, value: string): Promise<SealedText> {
    checkPersonalValue(value);
    const name = this.#nameOf(account, value);
    return this.#sealed.get(name) ?? this.#sealing.get(name) ?? this.#sealNew(name, account, value);
  }

  #sealNew(name: string, account: StreamId, value: string): Promise<SealedText> {
    const [erasuresBefore, sealing] = [this.#erasures, this.#sealing];
    const valueHmac = this.#hmacOf(account, value);
    const [dataKey, row] = this.#newRow(account, value, valueHmac);
    const written = this.#writer.submit(row);
    const kept = written.then((found) => {
      const isNew = found.subjectId === row.subjectId;
      if (isNew) this.#dataKeys.keep(row.subjectId, dataKey);
      const sealed = isNew ? { subjectId: row.subjectId, ciphertext: row.ciphertext } : this.#sealedAs(found, value);
      if (erasuresBefore === this.#erasures) this.#sealed.set(name, sealed);
      return sealed;
    });
    const done = kept.finally(() => sealing.delete(name));
    sealing.set(name, done);
    return done;
  }

  /** Seals a value that had a subject before: the same key gives the same text. */
  #sealedAs(found: KeptSubject, value: string): SealedText {
    if ('ciphertext' in found) return found;
    const dataKey = keyObjectOf(unwrapKey(this.parts.masterKeys, found.key));
    return { subjectId: found.subjectId, ciphertext: sealValue(dataKey, found.subjectId, value) };
  }

  async open(sealed: readonly SealedText[]): Promise<readonly (string | null)[]> {
    // The same sealed value is repeated often: a caller's number in each of its calls.
    const opened = new Map<string, Promise<string | null>>();
    return Promise.all(
      sealed.map(({ subjectId, ciphertext }) => {
        const known = opened.get(`${subjectId} ${ciphertext}`);
        if (known !== undefined) return known;
        const value = this.#open({ subjectId, ciphertext });
        opened.set(`${subjectId} ${ciphertext}`, value);
        return value;
      }),
    );
  }

  async #open({ subjectId, ciphertext }: SealedText): Promise<string | null> {
    const key = this.#dataKeys.find(subjectId) ?? (await this.#readKey(subjectId));
    return key === null ? null : openValue(key, subjectId, ciphertext);
  }

  async #readKey(subjectId: SubjectId): Promise<KeyObject | null> {
    const wrapped = await this.#reader.submit(subjectId);
    if (wrapped === null) return null;
    const key = keyObjectOf(unwrapKey(this.parts.masterKeys, wrapped));
    this.#dataKeys.keep(subjectId, key);
    return key;
  }

  async find(account: StreamId, value: string): Promise<SubjectId | undefined> {
    checkPersonalValue(value);
    return findSubject(this.parts.pool, account, this.#hmacOf(account, value));
  }

  async has(account: StreamId, subjectId: SubjectId): Promise<boolean> {
    return hasSubject(this.parts.pool, account, subjectId);
  }

  async erase(account: StreamId, subjectId: SubjectId): Promise<void> {
    // First, and whether or not the database can be reached.
    this.#dataKeys.forget(subjectId);
    await this.#eraser.submit({ account, subjectId });
  }

  async deposit(operationId: OperationId, value: string): Promise<void> {
    checkPersonalValue(value);
    await this.#deposits.put(operationId, value);
  }

  claim(operationId: OperationId): Promise<string | null> {
    return this.#deposits.take(operationId);
  }

  async #delete(erasure: Erasure): Promise<true> {
    await deleteSubjects(this.parts.pool, [erasure]);
    this.#erasures += 1;
    // Callers that still wait for an older seal receive it; later ones start over.
    this.#sealing = new Map();
    this.#sealed.clear();
    return true;
  }

  /**
   * Returns the vault's 32 random bytes under `name`, created on first use and never changed: for digests that must
   * outlive every rotation.
   * @throws as `open`
   */
  durableKey(name: string): Promise<Buffer> {
    return durableKey(this.parts.pool, this.parts.masterKeys, name);
  }

  /**
   * Makes every process that shares the vault write values in half of the bytes. For good: the release before must not
   * use it again.
   * @throws Failure `vault_unavailable` (retryable)
   */
  async pack(): Promise<void> {
    await withVaultFailures(() => packVault(this.parts.pool));
  }

  /** Names a value in this process's memory, unreadably, and much more cheaply than the HMAC. */
  #nameOf(account: StreamId, value: string): string {
    return hash('sha256', `${this.#namePrefix}${account}\0${value}`, 'base64');
  }

  #hmacOf(account: StreamId, value: string): Buffer {
    return this.lookupHmac.digest(`${account}\0${value}`);
  }

  #newRow(account: StreamId, value: string, valueHmac: Buffer): readonly [KeyObject, SubjectRow] {
    const subjectId = this.parts.ids.subjectId();
    const bytes = randomBytes(dataKeyBytes);
    const key = wrapKey(this.parts.masterKeys, bytes);
    const dataKey = keyObjectOf(bytes);
    return [dataKey, { subjectId, account, valueHmac, key, ciphertext: sealValue(dataKey, subjectId, value) }];
  }
}

/** Overwrites the bytes. */
function keyObjectOf(bytes: Buffer): KeyObject {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
