import type { KeyRing } from '@ringfence/runtime/key-ring';
import type { OperationId } from '@ringfence/kernel/ids';
import { dataKeyBytes, openValue, sealValue } from '@ringfence/ports/vault/personal-value';
import { depositMsMax } from '@ringfence/ports/vault/subject-vault';
import { createSecretKey, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { unwrapKey, wrapKey } from './key-wrap.js';
import { withVaultFailures } from './vault-failures.js';

type Row = {
  readonly wrapped_key: Buffer;
  readonly master_key_id: string;
  readonly ciphertext: string;
  readonly fresh: boolean;
};

const expired = `made_at < now() - interval '${String(depositMsMax)} milliseconds'`;

/**
 * Values handed from one process to another, once. The table is unlogged: it is in no write-ahead log, no replica and
 * no archive, and empty after a crash of the database. What nobody claimed goes with the next deposit or claim.
 */
export class Deposits {
  constructor(
    private readonly pool: Pool,
    private readonly masterKeys: KeyRing,
  ) {}

  async put(operationId: OperationId, value: string): Promise<void> {
    const dataKey = randomBytes(dataKeyBytes);
    const { wrapped, masterKeyId } = wrapKey(this.masterKeys, dataKey);
    const ciphertext = sealValue(createSecretKey(dataKey), operationId, value);
    await withVaultFailures(() =>
      this.pool.query(
        `with gone as (delete from vault.deposit where ${expired})
         insert into vault.deposit (operation_id, wrapped_key, master_key_id, ciphertext) values ($1, $2, $3, $4)`,
        [operationId, wrapped, masterKeyId, ciphertext],
      ),
    );
  }

  async take(operationId: OperationId): Promise<string | null> {
    const { rows } = await withVaultFailures(() =>
      this.pool.query<Row & { readonly operation_id: string }>(
        `delete from vault.deposit where operation_id = $1 or ${expired}
         returning operation_id, wrapped_key, master_key_id, ciphertext, not (${expired}) as fresh`,
        [operationId],
      ),
    );
    const row = rows.find(({ operation_id, fresh }) => fresh && operation_id === operationId);
    if (row === undefined) return null;
    const key = unwrapKey(this.masterKeys, { wrapped: row.wrapped_key, masterKeyId: row.master_key_id });
    return openValue(createSecretKey(key), operationId, row.ciphertext);
  }
}
