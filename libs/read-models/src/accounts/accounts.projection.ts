import { readFileSync } from 'node:fs';
import type {
  AccountLimitsSet,
  AccountOpened,
  AccountTimeZoneChanged,
  SuspensionReason,
} from '@ringfence/domain/accounts/account.events';
import type { AccountId } from '@ringfence/kernel/ids';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import { split } from '@ringfence/kernel/split';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import type { AccountStatus } from './account.queries.js';

/** The changes that one batch makes to an account; null: none. */
type AccountChange = {
  readonly accountId: AccountId;
  opened: (AccountOpened & { readonly position: Position }) | null;
  status: AccountStatus | null;
  suspensionReason: SuspensionReason | null;
  verifiedAtMs: EpochMs | null;
  suspendedAtMs: EpochMs | null;
  /** True if a suspension that is in the row has ended. */
  resumed: boolean;
};
type OpenedAccount = AccountChange & { opened: NonNullable<AccountChange['opened']> };
type Batch = {
  readonly accounts: Map<AccountId, AccountChange>;
  /** The limits set last, by account and mode. */
  readonly limits: Map<string, AccountLimitsSet>;
  readonly zoneChanges: AccountTimeZoneChanged[];
};

const accounts: Projection<Batch> = {
  name: 'accounts',
  version: 3,
  order: 'stream',
  tables: readFileSync(new URL('accounts.sql', import.meta.url), 'utf8'),
  newBatch: () => ({ accounts: new Map(), limits: new Map(), zoneChanges: [] }),
  on: {
    accounts: {
      AccountOpened: ({ data, position }, batch) => {
        const change = changeOf(batch, data.accountId);
        change.opened = { ...data, position };
        change.status = 'unverified';
      },
      AccountVerified: ({ data }, batch) => {
        const change = changeOf(batch, data.accountId);
        change.status = 'active';
        change.verifiedAtMs = data.verifiedAtMs;
      },
      AccountSuspended: ({ data }, batch) => {
        const change = changeOf(batch, data.accountId);
        change.status = 'suspended';
        change.suspensionReason = data.reason;
        change.suspendedAtMs = data.suspendedAtMs;
      },
      AccountResumed: ({ data }, batch) => {
        const change = changeOf(batch, data.accountId);
        change.status = data.status;
        change.suspensionReason = null;
        change.suspendedAtMs = null;
        change.resumed = true;
      },
      AccountLimitsSet: ({ data }, { limits }) => {
        limits.set(`${data.accountId} ${data.mode}`, data);
      },
      AccountTimeZoneChanged: ({ data }, { zoneChanges }) => {
        zoneChanges.push(data);
      },
      CreditAdded: 'ignore',
      SubjectErased: 'ignore',
    },
    keys: 'ignore',
    calls: 'ignore',
    rejections: 'ignore',
    webhooks: 'ignore',
    apps: 'ignore',
    trunks: 'ignore',
    numbers: 'ignore',
    inventory: 'ignore',
    platform: 'ignore',
  },
  write,
};

/** The current state of all accounts. */
export const accountsProjection = runnable(accounts);

function changeOf({ accounts: changes }: Batch, accountId: AccountId): AccountChange {
  return getOrInsert(changes, accountId, () => ({
    accountId,
    opened: null,
    status: null,
    suspensionReason: null,
    verifiedAtMs: null,
    suspendedAtMs: null,
    resumed: false,
  }));
}

function write(batch: Batch, tx: OpenTransaction): void {
  const [opened, changed] = split(batch.accounts.values(), isOpened);
  openedRows.write(tx, insertAccounts, opened);
  changedRows.write(tx, updateAccounts, changed);
  // Few, and each depends on the zone that was in force when it was decided.
  for (const { accountId, timeZone, fromMs, firstDay, changedAtMs } of batch.zoneChanges)
    tx.execute(changeZone, [accountId, timeZone, fromMs, firstDay, changedAtMs]);
  limitRows.write(tx, upsertLimits, batch.limits.values());
}

function isOpened(change: AccountChange): change is OpenedAccount {
  return change.opened !== null;
}

const changing = {
  status: ['text', (account: AccountChange) => account.status],
  verified_at_ms: ['int8', (account: AccountChange) => account.verifiedAtMs],
} as const;
const ofSuspension = {
  suspension_reason: ['text', (account: AccountChange) => account.suspensionReason],
  suspended_at_ms: ['int8', (account: AccountChange) => account.suspendedAtMs],
} as const;
const openedRows = rowSet<OpenedAccount>({
  account_id: ['text', (account) => account.accountId],
  opened_position: ['int8', (account) => account.opened.position],
  name_subject: ['text', (account) => account.opened.name.subjectId],
  name_ciphertext: ['text', (account) => account.opened.name.ciphertext],
  currency: ['text', (account) => account.opened.currency],
  region: ['text', (account) => account.opened.region],
  time_zone: ['text', (account) => account.opened.timeZone],
  opened_at_ms: ['int8', (account) => account.opened.openedAtMs],
  ...changing,
  ...ofSuspension,
});
const insertAccounts = `insert into account (${openedRows.names}) select * from ${openedRows.from}`;

const changedRows = rowSet<AccountChange>({
  account_id: ['text', (account) => account.accountId],
  resumed: ['bool', (account) => account.resumed],
  ...changing,
  ...ofSuspension,
});
const updates = [
  ...Object.keys(changing).map((name) => `${name} = coalesce(new.${name}, account.${name})`),
  ...Object.keys(ofSuspension).map(
    (name) => `${name} = case when new.resumed then new.${name} else coalesce(new.${name}, account.${name}) end`,
  ),
];
const updateAccounts = `update account set ${updates.join(', ')} from ${changedRows.from} where account.account_id = new.account_id`;

const changeZone = `update account set
  time_zone = case when next_zone_from_ms <= $5 then next_time_zone else time_zone end,
  next_time_zone = $2, next_zone_from_ms = $3, next_zone_first_day = $4::date
  where account_id = $1`;

const bounds = {
  calls_per_second: ['int4', ({ limits }: AccountLimitsSet) => limits.callsPerSecond],
  burst_calls: ['int4', ({ limits }: AccountLimitsSet) => limits.burstCalls],
  lines_max: ['int4', ({ limits }: AccountLimitsSet) => limits.linesMax],
  daily_spend_micros_max: ['int8', ({ limits }: AccountLimitsSet) => limits.dailySpendMicrosMax],
  approved_calls_per_second: ['int4', ({ approved }: AccountLimitsSet) => approved.callsPerSecond],
  approved_burst_calls: ['int4', ({ approved }: AccountLimitsSet) => approved.burstCalls],
  approved_lines_max: ['int4', ({ approved }: AccountLimitsSet) => approved.linesMax],
  approved_daily_spend_micros_max: ['int8', ({ approved }: AccountLimitsSet) => approved.dailySpendMicrosMax],
} as const;
const limitRows = rowSet<AccountLimitsSet>({
  account_id: ['text', (set) => set.accountId],
  mode: ['text', (set) => set.mode],
  ...bounds,
});
const upsertLimits = `insert into account_limit (${limitRows.names}) select * from ${limitRows.from}
  on conflict (account_id, mode) do update set ${Object.keys(bounds)
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`;
