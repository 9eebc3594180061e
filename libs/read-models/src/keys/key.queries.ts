import { keyDepthMax } from '@ringfence/domain/keys/key-line';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';
import {
  type Above,
  type KeyRecord,
  keyRow,
  type KeyRow,
  nobodyAbove,
  registryRow,
  type RegistryRow,
} from './key-rows.js';
import { policyOf } from './policy-text.js';
import { keyRegistryName, keyRegistryVersion } from './key-registry-version.js';

/** The rate limit that all keys of an account share in one mode. */
type AccountRateRow = {
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly callsPerSecond: number;
  readonly burstCalls: number;
};
type RegistryRows = {
  readonly rows: readonly RegistryRow[];
  /** Rates of accounts whose limits were set. */
  readonly accountRates: readonly AccountRateRow[];
  readonly next: Position;
};

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

  /**
   * Every key, active ones first, then by revocation, and the position up to which (exclusive) the rows are current: a
   * gateway's registry reads on from there. undefined: the rows are of another release, or no projector has ever run;
   * the registry has to read the log from 0.
   */
  async registryRows(): Promise<RegistryRows | undefined> {
    const [made] = await this.db.query<{ there: boolean }>(
      `select to_regclass('projection.checkpoint') is not null and to_regclass('key_registry.key') is not null as there`,
    );
    if (made?.there !== true) return undefined;
    // One statement, so that rows and position are of the same moment.
    const records = await this.db.query<{ position: string; key_id: KeyId | null } & KeyRecord>(
      `select c.position, k.* from projection.checkpoint c left join key_registry.key k on true
       where c.name = $1 and c.version = $2 order by k.revoked_at_ms nulls first`,
      [keyRegistryName, keyRegistryVersion],
    );
    const [first] = records;
    if (first === undefined) return undefined;
    const rows = records.filter((record) => (record.key_id as KeyId | null) !== null).map(registryRow);
    // Read after the position, so no rate below it is missing; later changes are applied once more, in their order.
    const rates = await this.db.query<RateRecord>('select * from key_registry.account_rate');
    return { rows, accountRates: rates.map(accountRate), next: position(Number(first.position)) };
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

type RateRecord = {
  readonly account_id: AccountId;
  readonly mode: Mode;
  readonly calls_per_second: number;
  readonly burst_calls: number;
};

function accountRate(record: RateRecord): AccountRateRow {
  const { account_id: accountId, mode, calls_per_second: callsPerSecond, burst_calls: burstCalls } = record;
  return { accountId, mode, callsPerSecond, burstCalls };
}
