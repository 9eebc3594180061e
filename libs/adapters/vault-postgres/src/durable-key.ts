import type { KeyRing } from '@ringfence/application/auth/key-ring';
import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { unwrapKey, wrapKey } from './key-wrap.js';
import { asking } from './vault-failures.js';

const keyBytes = 32;
type Row = { readonly wrapped_key: Buffer; readonly master_key_id: string };

/** The key of this name, made when it is first asked for; processes that ask at once get the same one. */
export async function durableKey(pool: Pool, masterKeys: KeyRing, name: string): Promise<Buffer> {
  const made = wrapKey(masterKeys, randomBytes(keyBytes));
  const [row] = await asking(async () => {
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
