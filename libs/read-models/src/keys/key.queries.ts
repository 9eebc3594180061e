import type { Mode } from '@ringfence/domain/platform/values';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/projections/sql-database';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';
import { type KeyRecord, keyRow, type KeyRow, registryRow, type RegistryRow } from './key-rows.js';
import { keyRegistryName, keyRegistryVersion } from './key-registry-version.js';

/** Keys as they stand. Throws Failure `database_unavailable` (retryable). */
export class KeyQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** Of any account. */
  async findKey(keyId: KeyId): Promise<KeyRow | undefined> {
    const [record] = await this.db.query<KeyRecord>('select * from key_registry.key where key_id = $1', [keyId]);
    return record === undefined ? undefined : keyRow(record);
  }

  /** Newest first, revoked ones too. @param accountId null: operators' keys @param mode of this one alone; null: of both */
  async listKeys(accountId: AccountId | null, mode: Mode | null, page: PageRequest): Promise<Page<KeyRow>> {
    const plan = pagePlan(page);
    const records = await this.db.query<KeyRecord>(
      `select * from key_registry.key
       where account_id ${accountId === null ? 'is not distinct from' : '='} $1
         and ($2::int8 is null or issued_position ${plan.comparison} $2)
         and ($3::text is null or mode = $3)
       order by issued_position ${plan.direction} limit $4`,
      [accountId, plan.from, mode, plan.fetch],
    );
    return pageOf(page, records, (record) => position(Number(record.issued_position)), keyRow);
  }

  /**
   * Every key, the longest revoked first, and the position up to which (exclusive) that is true: where a gateway's registry goes on reading.
   * undefined: these rows are not of this release, or no projector has ever been here; the registry has to read the log from 0.
   */
  async registryRows(): Promise<{ readonly rows: readonly RegistryRow[]; readonly next: Position } | undefined> {
    const [made] = await this.db.query<{ there: boolean }>(
      `select to_regclass('projection.checkpoint') is not null and to_regclass('key_registry.key') is not null as there`,
    );
    if (made?.there !== true) return undefined;
    // One statement, so that rows and position are of one moment.
    const records = await this.db.query<{ position: string; key_id: KeyId | null } & KeyRecord>(
      `select c.position, k.* from projection.checkpoint c left join key_registry.key k on true
       where c.name = $1 and c.version = $2 order by k.revoked_at_ms nulls first`,
      [keyRegistryName, keyRegistryVersion],
    );
    const [first] = records;
    if (first === undefined) return undefined;
    const rows = records.filter((record) => (record.key_id as KeyId | null) !== null).map(registryRow);
    return { rows, next: position(Number(first.position)) };
  }
}
