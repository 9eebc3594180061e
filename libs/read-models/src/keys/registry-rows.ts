import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';
import { keyRegistryName, keyRegistryVersion } from './key-registry-version.js';
import { registryRow, type RegistryRecord, type RegistryRow } from './key-rows.js';

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

/** Records fetched at a time: those of all keys at once would take more memory than the registry ever needs. */
const fetchMax = 1_000;

/**
 * Reads every key, active ones first, then by revocation, and the position up to which (exclusive) the rows are
 * current: a gateway's registry reads on from there.
 * @returns undefined: the rows are of another release, or no projector has ever run; the registry has to read the log
 *   from 0
 * @throws Failure `database_unavailable` (retryable)
 */
export async function registryRows(db: SqlDatabase, fetchRecords = fetchMax): Promise<RegistryRows | undefined> {
  const [made] = await db.query<{ there: boolean }>(
    `select to_regclass('projection.checkpoint') is not null and to_regclass('key_registry.key') is not null as there`,
  );
  if (made?.there !== true) return undefined;
  return db.transaction(async (tx) => {
    await tx.query(declareSql);
    const rows: RegistryRow[] = [];
    let next: Position | undefined;
    for (;;) {
      const records = await tx.query<CursorRecord>(`fetch ${fetchRecords} from registry`);
      if (records[0] !== undefined) next ??= position(Number(records[0].position));
      for (const record of records) if ((record.key_id as KeyId | null) !== null) rows.push(registryRow(record));
      if (records.length < fetchRecords) break;
    }
    if (next === undefined) return undefined;
    // Read after the position, so no rate below it is missing; later changes are applied once more, in their order.
    const rates = await tx.query<RateRecord>('select * from key_registry.account_rate');
    return { rows, accountRates: rates.map(accountRate), next };
  });
}

/** One statement, so that rows and position are of the same moment. A statement of a cursor takes no parameters. */
const declareSql = `declare registry no scroll cursor for
  select c.position, k.key_id, k.account_id, k.mode, k.parent_key_id, k.public_key, k.pepper_id, k.hmac_sha256,
    k.previous_pepper_id, k.previous_hmac_sha256, k.previous_until_ms, k.key_version, k.policy, k.policy_hash,
    k.revoked_at_ms
  from projection.checkpoint c left join key_registry.key k on true
  where c.name = '${keyRegistryName}' and c.version = ${keyRegistryVersion} order by k.revoked_at_ms nulls first`;

type CursorRecord = RegistryRecord & { readonly position: string };
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
