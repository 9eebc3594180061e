import type { SealedText } from '@ringfence/domain/shared/values';
import { platformStream, type StreamId, type SubjectId } from '@ringfence/kernel/ids';
import { packedId, unpackedId } from '@ringfence/kernel/packed-id';
import type { ClientBase, Pool } from 'pg';
import type { WrappedKey } from './key-wrap.js';
import { withVaultFailures, vaultUnavailable } from './vault-failures.js';

export type SubjectRow = {
  readonly subjectId: SubjectId;
  readonly account: StreamId;
  readonly valueHmac: Buffer;
  readonly key: WrappedKey;
  readonly ciphertext: string;
};

/** A value that is in the vault: its sealed text, or the key that it follows from. */
export type KeptSubject = SealedText | { readonly subjectId: SubjectId; readonly key: WrappedKey };

/** The most attempts: a row can be missed only because of an erasure or of a writer that is just committing. */
const attemptsMax = 8;

/** The account of values of the platform itself, packed: no ULID is zero. */
const packedPlatform = '0'.repeat(32);

function packedAccount(account: StreamId): string {
  return account === platformStream ? packedPlatform : packedId(account);
}

/** The first half of the HMAC: 128 bits are enough to find a value. */
function lookupOf(valueHmac: Buffer): string {
  return valueHmac.toString('hex', 0, 16);
}

type FoundRow = { readonly lookup: string } & (
  | { readonly subject_id: SubjectId; readonly ciphertext: string }
  | {
      readonly subject_id: null;
      readonly packed_subject: string;
      readonly wrapped_key: Buffer;
      readonly master_key_id: string;
    }
);

/**
 * Inserts new values and reads existing ones, in one durable transaction; answers in the order of the arguments.
 * @param rows each value once
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function insertOrReadSubjects(pool: Pool, rows: readonly SubjectRow[]): Promise<readonly KeptSubject[]> {
  const kept = new Map<string, KeptSubject>();
  let missing = rows;
  for (let attempt = 0; attempt < attemptsMax && missing.length > 0; attempt += 1) {
    for (const row of await insertOrReadOnce(pool, missing)) kept.set(row.lookup.replaceAll('-', ''), keptIn(row));
    missing = rows.filter((row) => !kept.has(lookupOf(row.valueHmac)));
  }
  return rows.map((row) => {
    const found = kept.get(lookupOf(row.valueHmac));
    if (found === undefined) throw vaultUnavailable(new Error('a subject was written and erased over and over'));
    return found;
  });
}

function keptIn(row: FoundRow): KeptSubject {
  if (row.subject_id !== null) return { subjectId: row.subject_id, ciphertext: row.ciphertext };
  const key = { wrapped: row.wrapped_key, masterKeyId: row.master_key_id };
  return { subjectId: unpackedId('sub', row.packed_subject), key };
}

async function insertOrReadOnce(pool: Pool, rows: readonly SubjectRow[]): Promise<readonly FoundRow[]> {
  const result = await withVaultFailures(() =>
    pool.query<FoundRow>({
      name: 'vault_insert_or_read',
      text: 'select * from vault.insert_or_read($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      values: [
        rows.map((row) => row.subjectId),
        rows.map((row) => row.account),
        rows.map((row) => row.valueHmac),
        rows.map((row) => row.key.wrapped),
        rows.map((row) => row.key.masterKeyId),
        rows.map((row) => row.ciphertext),
        rows.map((row) => packedId(row.subjectId)),
        rows.map((row) => packedAccount(row.account)),
        rows.map((row) => lookupOf(row.valueHmac)),
      ],
    }),
  );
  return result.rows;
}

type KeyRow = { readonly subject_id: string; readonly wrapped_key: Buffer; readonly master_key_id: string };

/** Returns the keys in the order of the arguments; null: the subject does not exist, or no longer. */
export async function readSubjectKeys(
  pool: Pool,
  subjectIds: readonly SubjectId[],
): Promise<readonly (WrappedKey | null)[]> {
  const packed = subjectIds.map(packedId);
  const { rows } = await withVaultFailures(() =>
    pool.query<KeyRow>({
      name: 'vault_read_keys',
      text: `select subject_id, wrapped_key, master_key_id from vault.subject where subject_id = any($1::text[])
        union all
        select replace(subject_id::text, '-', ''), wrapped_key, master_key_id
        from vault.packed_subject where subject_id = any($2::uuid[])`,
      values: [subjectIds, packed],
    }),
  );
  const keys = new Map(
    rows.map((row) => [row.subject_id, { wrapped: row.wrapped_key, masterKeyId: row.master_key_id }]),
  );
  return subjectIds.map((subjectId, at) => keys.get(subjectId) ?? keys.get(packed[at] ?? '') ?? null);
}

export async function findSubject(pool: Pool, account: StreamId, valueHmac: Buffer): Promise<SubjectId | undefined> {
  const { rows } = await withVaultFailures(() =>
    pool.query<FoundSubject>({
      name: 'vault_find',
      text: `select subject_id, null as packed_subject from vault.subject where account = $1 and value_hmac = $2
        union all select null, subject_id::text from vault.packed_subject where lookup = $3`,
      values: [account, valueHmac, lookupOf(valueHmac)],
    }),
  );
  const [row] = rows;
  return row && (row.subject_id ?? unpackedId('sub', row.packed_subject));
}

type FoundSubject = { readonly subject_id: SubjectId | null; readonly packed_subject: string };

export async function hasSubject(pool: Pool, account: StreamId, subjectId: SubjectId): Promise<boolean> {
  const text = `select 1 from vault.subject where subject_id = $1 and account = $2
    union all select 1 from vault.packed_subject where subject_id = $3 and account = $4`;
  const values = [subjectId, account, packedId(subjectId), packedAccount(account)];
  const { rows } = await withVaultFailures(() => pool.query({ name: 'vault_has', text, values }));
  return rows.length > 0;
}

/** A value to be erased: its subject, if the account has it. */
export type Erasure = { readonly account: StreamId; readonly subjectId: SubjectId };

/** @returns the number of values that were there */
export async function deleteSubjects(connection: Pool | ClientBase, erasures: readonly Erasure[]): Promise<number> {
  const { rows } = await withVaultFailures(() =>
    connection.query<{ erased: string }>({
      name: 'vault_delete',
      text: deleteSql,
      values: [
        erasures.map(({ subjectId }) => subjectId),
        erasures.map(({ account }) => account),
        erasures.map(({ subjectId }) => packedId(subjectId)),
        erasures.map(({ account }) => packedAccount(account)),
      ],
    }),
  );
  return Number(rows[0]?.erased);
}

const deleteSql = `with plain as (
    delete from vault.subject using unnest($1::text[], $2::text[]) as asked (id, owner)
    where subject_id = id and account = owner returning 1
  ), packed as (
    delete from vault.packed_subject using unnest($3::uuid[], $4::uuid[]) as asked (id, owner)
    where subject_id = id and account = owner returning 1
  ) select (select count(*) from plain) + (select count(*) from packed) as erased`;
