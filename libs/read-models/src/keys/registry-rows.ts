import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { type Position, position } from '@ringfence/kernel/units';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';
import { PackedLines } from '@ringfence/runtime/packed-lines';
import { keyRegistryName, keyRegistryVersion } from './key-registry-version.js';
import { registryRow, type RegistryRecord, type RegistryRow } from './key-rows.js';

/** The rate limit that all keys of an account share in one mode. */
type AccountRateRow = {
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly callsPerSecond: number;
  readonly burstCalls: number;
};
/** Contents of a gateway’s registry, as the read model has them. */
export type RegistryRows = {
  readonly keys: KeyLines;
  /** Rates of accounts whose limits were set. */
  readonly accountRates: readonly AccountRateRow[];
  readonly next: Position;
};

/** Every key as a line of text; an object for each would take several times the memory. */
type KeyLines = {
  readonly lines: PackedLines<'keyId' | 'digest'>;
  readonly keyIdOf: (fields: readonly string[]) => KeyId;
  readonly entryOf: (fields: readonly string[]) => RegistryRow;
  /** Ids of the revoked keys, in the order of their revocations. */
  readonly revoked: readonly KeyId[];
};

/** Keys that one row of an answer holds: a row for each would take longer to read than the text. */
const pageMax = 1_024;

/**
 * Reads every key, and the position up to which (exclusive) the rows are current: a gateway's registry reads on from
 * there.
 * @returns undefined: the rows are of another release, or no projector has ever run; the registry has to read the log
 *   from 0
 * @throws Failure `database_unavailable` (retryable)
 */
export async function registryRows(db: SqlDatabase, keysInPage = pageMax): Promise<RegistryRows | undefined> {
  const [made] = await db.query<{ there: boolean }>(
    `select to_regclass('projection.checkpoint') is not null and to_regclass('key_registry.key') is not null as there`,
  );
  if (made?.there !== true) return undefined;
  return db.transaction(async (tx) => {
    // Position and rows of one moment.
    await tx.query('set transaction isolation level repeatable read');
    const [checkpoint] = await tx.query<{ position: string }>(checkpointSql, [keyRegistryName, keyRegistryVersion]);
    if (checkpoint === undefined) return undefined;
    const rates = await tx.query<RateRecord>('select * from key_registry.account_rate');
    const lines = newLines();
    for (let page = tx.query<PageRecord>(pageSql, ['', keysInPage]); ;) {
      const [{ lines: text, last } = { lines: null, last: null }] = await page;
      if (text === null || last === null) break;
      // The database gathers the next page while this one is indexed.
      page = tx.query<PageRecord>(pageSql, [last, keysInPage]);
      lines.add(text);
    }
    const keys = { lines, keyIdOf, entryOf, revoked: revokedIn(lines) };
    return { keys, accountRates: rates.map(accountRate), next: position(Number(checkpoint.position)) };
  });
}

/** The fields of a line, in their order. */
const fields = [
  'key_id',
  'hmac_sha256',
  'previous_hmac_sha256',
  'pepper_id',
  'previous_pepper_id',
  'revoked_at_ms',
  'account_id',
  'mode',
  'parent_key_id',
  'public_key',
  'previous_until_ms',
  'key_version',
  'policy_hash',
  'policy',
] as const;
type Field = (typeof fields)[number];
const numbers = Object.fromEntries(fields.map((field, number) => [field, number])) as Record<Field, number>;

const checkpointSql = 'select position from projection.checkpoint where name = $1 and version = $2';
// No field contains a tab or a newline: neither ids nor the canonical JSON of a policy do. An absent one is empty.
const pageSql = `select string_agg(line, '') as lines, max(key_id) as last from (
    select key_id, concat(${fields.join(`, E'\\t', `)}, E'\\n') as line
    from key_registry.key where key_id > $1 order by key_id limit $2) as page`;

type PageRecord = { readonly lines: string | null; readonly last: string | null };

function newLines(): PackedLines<'keyId' | 'digest'> {
  return new PackedLines({
    indexes: { keyId: [numbers.key_id], digest: [numbers.hmac_sha256, numbers.previous_hmac_sha256] },
    distinct: [numbers.pepper_id, numbers.previous_pepper_id],
    mark: numbers.revoked_at_ms,
  });
}

function revokedIn(lines: PackedLines<'keyId' | 'digest'>): readonly KeyId[] {
  const revoked = lines.marked.map((line) => lines.fields(line));
  const atMs = (values: readonly string[]) => Number(values[numbers.revoked_at_ms]);
  return revoked.sort((left, right) => atMs(left) - atMs(right)).map(keyIdOf);
}

function keyIdOf(values: readonly string[]): KeyId {
  return values[numbers.key_id] as KeyId; // written by the projection from a KeyId
}

function entryOf(values: readonly string[]): RegistryRow {
  const text = (field: Field) => values[numbers[field]] || null;
  const record = Object.fromEntries(fields.map((field) => [field, text(field)])) as Record<Field, string | null>;
  return registryRow({ ...record, key_version: Number(record.key_version) } as RegistryRecord);
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
