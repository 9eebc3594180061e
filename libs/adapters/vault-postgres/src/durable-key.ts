import type { KeyRing } from '@ringfence/runtime/key-ring';
import { randomBytes } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { unwrapKey, wrapKey } from './key-wrap.js';
import { withVaultFailures } from './vault-failures.js';

const keyBytes = 32;
type Row = { readonly wrapped_key: Buffer; readonly master_key_id: string };

/** The key of this name, created on first use; concurrent processes get the same one. */
export async function durableKey(pool: Pool, masterKeys: KeyRing, name: string): Promise<Buffer> {
  const made = wrapKey(masterKeys, randomBytes(keyBytes));
  const [row] = await withVaultFailures(async () => {
    await pool.query(
      'insert into vault.durable_key (name, wrapped_key, master_key_id) values ($1, $2, $3) on conflict (name) do nothing',
      [name, made.wrapped, made.masterKeyId],
    );
    const { rows } = await pool.query<Row>('select wrapped_key, master_key_id from vault.durable_key where name = $1', [
      name,
    ]);
    return rows;
  });
  if (row === undefined) throw new RangeError('a durable key is never deleted');
  return unwrapKey(masterKeys, { wrapped: row.wrapped_key, masterKeyId: row.master_key_id });
}

/**
 * Checks that this vault can be read: its durable keys can be unwrapped, and the ring has every master key that the
 * vault's values need.
 * @throws Failure `vault_unavailable` (retryable), `master_key_unknown`, `wrapped_key_broken`
 */
export async function checkMasterKeys(connection: Pool | ClientBase, masterKeys: KeyRing): Promise<void> {
  const durable = await withVaultFailures(() =>
    connection.query<Row>('select wrapped_key, master_key_id from vault.durable_key'),
  );
  const oneOfEach = await withVaultFailures(() =>
    connection.query<Row>(
      `(select distinct on (master_key_id) wrapped_key, master_key_id from vault.subject) union all
       (select distinct on (master_key_id) wrapped_key, master_key_id from vault.packed_subject)`,
    ),
  );
  for (const { wrapped_key: wrapped, master_key_id: masterKeyId } of [...durable.rows, ...oneOfEach.rows])
    unwrapKey(masterKeys, { wrapped, masterKeyId });
}
