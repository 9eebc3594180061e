import { keyDepthMax } from '@ringfence/domain/keys/key-line';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';
import { type Above, type KeyRecord, keyRow, type KeyRow, nobodyAbove } from './key-rows.js';
import { policyOf } from './policy-text.js';

/** Keys in their current state. Throws Failure `database_unavailable` (retryable). */
export class KeyQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** A key of any account. */
  async findKey(keyId: KeyId): Promise<KeyRow | undefined> {
    const [record] = await this.db.query<KeyRecord>('select * from key_registry.key where key_id = $1', [keyId]);
    return record === undefined ? undefined : (await this.#rows([record]))[0];
  }

  /**
   * Newest first, revoked ones too.
   * @param accountId null: operators' keys @param mode of this one alone; null: of both
   */
  async listKeys(accountId: AccountId | null, mode: Mode | null, page: PageRequest): Promise<Page<KeyRow>> {
    const plan = pagePlan(page);
    const records = await this.db.query<KeyRecord>(
      `select * from key_registry.key
       where account_id ${accountId === null ? 'is not distinct from' : '='} $1
         and ($2::int8 is null or issued_position ${plan.comparison} $2)
         and ($3::text is null or mode = $3)
       order by issued_position ${plan.direction} limit $4`,
      [accountId, plan.from, mode, plan.fetch],
      'each_time',
    );
    const found = pageOf(
      page,
      records,
      (record) => position(Number(record.issued_position)),
      (record) => record,
    );
    return { ...found, rows: await this.#rows(found.rows) };
  }

  /** Keys with what follows from their ancestors. */
  async #rows(records: readonly KeyRecord[]): Promise<readonly KeyRow[]> {
    const children = records.filter(({ parent_key_id: parent }) => parent !== null).map(({ key_id: keyId }) => keyId);
    const ancestors =
      children.length === 0 ? [] : await this.db.query<AncestorRecord>(ancestorsOf, [children, keyDepthMax]);
    const above = new Map<KeyId, Above>();
    for (const { of_key: keyId, revoked_at_ms: revoked, policy } of ancestors) {
      const { revokedAtMs, expiresAtMs } = above.get(keyId) ?? nobodyAbove;
      above.set(keyId, {
        revokedAtMs: earlier(revokedAtMs, revoked === null ? null : epochMs(Number(revoked))),
        expiresAtMs: earlier(expiresAtMs, policyOf(policy).expiresAtMs),
      });
    }
    return records.map((record) => keyRow(record, above.get(record.key_id) ?? nobodyAbove));
  }
}

type AncestorRecord = { readonly of_key: KeyId; readonly revoked_at_ms: string | null; readonly policy: string };
/** Every one of the keys with each of its ancestors. */
const ancestorsOf = `
  with recursive line as (
    select k.key_id as of_key, k.parent_key_id, 0 as depth from key_registry.key k where k.key_id = any($1)
    union all
    select line.of_key, parent.parent_key_id, line.depth + 1
    from line join key_registry.key parent on parent.key_id = line.parent_key_id where line.depth < $2
  )
  select line.of_key, parent.revoked_at_ms, parent.policy
  from line join key_registry.key parent on parent.key_id = line.parent_key_id`;

function earlier(one: EpochMs | null, other: EpochMs | null): EpochMs | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
