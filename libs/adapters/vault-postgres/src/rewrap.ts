import type { KeyRing } from '@ringfence/runtime/key-ring';
import type { Pool } from 'pg';
import { unwrapKey, wrapKey } from './key-wrap.js';
import { withVaultFailures } from './vault-failures.js';

const rewrapBatchMax = 1_000;
type Row = { readonly id: string; readonly wrapped_key: Buffer; readonly master_key_id: string };

/**
 * Rewraps up to `rewrapBatchMax` keys under older master keys with the current one; to be called until it returns 0,
 * after which the older keys can be removed from the configuration. Values stay as they are.
 * @returns the number of rewrapped keys
 * @throws Failure `vault_unavailable` (retryable), `master_key_unknown`, `wrapped_key_broken`
 */
export async function rewrapKeys(pool: Pool, masterKeys: KeyRing): Promise<number> {
  const durable = await rewrapTable(pool, masterKeys, 'durable_key', 'name', 'text');
  const plain = await rewrapTable(pool, masterKeys, 'subject', 'subject_id', 'text');
  return durable + plain + (await rewrapTable(pool, masterKeys, 'packed_subject', 'subject_id', 'uuid'));
}

async function rewrapTable(
  pool: Pool,
  masterKeys: KeyRing,
  table: 'durable_key' | 'subject' | 'packed_subject',
  id: string,
  idType: 'text' | 'uuid',
): Promise<number> {
  const current = masterKeys.current.id;
  const { rows } = await withVaultFailures(() =>
    pool.query<Row>(
      `select ${id}::text as id, wrapped_key, master_key_id from vault.${table} where master_key_id <> $1 limit ${String(rewrapBatchMax)}`,
      [current],
    ),
  );
  if (rows.length === 0) return 0;
  const wrapped = rows.map((row) => {
    const key = unwrapKey(masterKeys, { wrapped: row.wrapped_key, masterKeyId: row.master_key_id });
    return wrapKey(masterKeys, key).wrapped;
  });
  // A row that was erased meanwhile stays erased: an update does not recreate it.
  await withVaultFailures(() =>
    pool.query(
      `update vault.${table} as old set wrapped_key = new.wrapped_key, master_key_id = $3
       from unnest($1::${idType}[], $2::bytea[]) as new (id, wrapped_key)
       where old.${id} = new.id and old.master_key_id <> $3`,
      [rows.map((row) => row.id), wrapped, current],
    ),
  );
  return rows.length;
}

/**
 * Counts the vault's keys under each master key, by its name.
 * @throws Failure `vault_unavailable` (retryable)
 */
export async function wrappedKeyCounts(pool: Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await withVaultFailures(() =>
    pool.query<{ id: string; keys: string }>(
      `select master_key_id as id, count(*) as keys
       from (
         select master_key_id from vault.durable_key union all select master_key_id from vault.subject
         union all select master_key_id from vault.packed_subject
       ) as wrapped group by 1 order by 1`,
    ),
  );
  return new Map(rows.map(({ id, keys }) => [id, Number(keys)]));
}
