import type { SealedText } from '@ringfence/domain/shared/values';
import type { StreamId, SubjectId } from '@ringfence/kernel/ids';
import type { Pool } from 'pg';
import type { WrappedKey } from './key-wrap.js';
import { withVaultFailures, vaultUnavailable } from './vault-failures.js';

export type SubjectRow = {
  readonly subjectId: SubjectId;
  readonly account: StreamId;
  readonly valueHmac: Buffer;
  readonly key: WrappedKey;
  readonly ciphertext: string;
};

/** The most attempts: a row can be missed only because of an erasure or of a writer that is just committing. */
const attemptsMax = 8;

/**
 * Inserts rows in order, so that two processes that write the same values cannot deadlock. A row that another
 * transaction has just written is in neither half of the answer, and is requested again.
 */
const insertOrRead = `
with asked as (
  select * from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::text[], $6::text[])
    as asked (subject_id, account, value_hmac, wrapped_key, master_key_id, ciphertext)
), made as (
  insert into vault.subject (subject_id, account, value_hmac, wrapped_key, master_key_id, ciphertext)
  select subject_id, account, value_hmac, wrapped_key, master_key_id, ciphertext from asked
  order by account, value_hmac
  on conflict (account, value_hmac) do nothing
  returning value_hmac, subject_id, ciphertext
)
select value_hmac, subject_id, ciphertext from made
union all
select value_hmac, known.subject_id, known.ciphertext
from vault.subject known join asked using (account, value_hmac)`;

type SealedRow = { readonly value_hmac: Buffer; readonly subject_id: SubjectId; readonly ciphertext: string };

/**
 * Inserts new values and reads existing ones, in one durable transaction; answers in the order of the arguments.
 * @param rows each value once
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function insertOrReadSubjects(pool: Pool, rows: readonly SubjectRow[]): Promise<readonly SealedText[]> {
  const sealed = new Map<string, SealedText>();
  let missing = rows;
  for (let attempt = 0; attempt < attemptsMax && missing.length > 0; attempt += 1) {
    for (const row of await insertOrReadOnce(pool, missing)) {
      sealed.set(row.value_hmac.toString('latin1'), { subjectId: row.subject_id, ciphertext: row.ciphertext });
    }
    missing = rows.filter((row) => !sealed.has(row.valueHmac.toString('latin1')));
  }
  return rows.map((row) => {
    const found = sealed.get(row.valueHmac.toString('latin1'));
    if (found === undefined) throw vaultUnavailable(new Error('a subject was written and erased over and over'));
    return found;
  });
}

async function insertOrReadOnce(pool: Pool, rows: readonly SubjectRow[]): Promise<readonly SealedRow[]> {
  const result = await withVaultFailures(() =>
    pool.query<SealedRow>({
      name: 'vault_insert_or_read',
      text: insertOrRead,
      values: [
        rows.map((row) => row.subjectId),
        rows.map((row) => row.account),
        rows.map((row) => row.valueHmac),
        rows.map((row) => row.key.wrapped),
        rows.map((row) => row.key.masterKeyId),
        rows.map((row) => row.ciphertext),
      ],
    }),
  );
  return result.rows;
}

type KeyRow = { readonly subject_id: SubjectId; readonly wrapped_key: Buffer; readonly master_key_id: string };

/** Returns the keys in the order of the arguments; null: the subject does not exist, or no longer. */
export async function readSubjectKeys(
  pool: Pool,
  subjectIds: readonly SubjectId[],
): Promise<readonly (WrappedKey | null)[]> {
  const { rows } = await withVaultFailures(() =>
    pool.query<KeyRow>({
      name: 'vault_read_keys',
      text: 'select subject_id, wrapped_key, master_key_id from vault.subject where subject_id = any($1::text[])',
      values: [subjectIds],
    }),
  );
  const keys = new Map(
    rows.map((row) => [row.subject_id, { wrapped: row.wrapped_key, masterKeyId: row.master_key_id }]),
  );
  return subjectIds.map((subjectId) => keys.get(subjectId) ?? null);
}

export async function findSubject(pool: Pool, account: StreamId, valueHmac: Buffer): Promise<SubjectId | undefined> {
  const { rows } = await withVaultFailures(() =>
    pool.query<{ readonly subject_id: SubjectId }>({
      name: 'vault_find',
      text: 'select subject_id from vault.subject where account = $1 and value_hmac = $2',
      values: [account, valueHmac],
    }),
  );
  return rows[0]?.subject_id;
}

export async function hasSubject(pool: Pool, account: StreamId, subjectId: SubjectId): Promise<boolean> {
  const text = 'select 1 from vault.subject where subject_id = $1 and account = $2';
  const { rows } = await withVaultFailures(() => pool.query({ name: 'vault_has', text, values: [subjectId, account] }));
  return rows.length > 0;
}

export async function deleteSubject(pool: Pool, account: StreamId, subjectId: SubjectId): Promise<void> {
  const text = 'delete from vault.subject where subject_id = $1 and account = $2';
  await withVaultFailures(() => pool.query({ name: 'vault_delete', text, values: [subjectId, account] }));
}
