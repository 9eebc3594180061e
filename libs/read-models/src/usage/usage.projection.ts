import { readFileSync } from 'node:fs';
import type { CallRefused } from '@ringfence/domain/calls/call.events';
import type { ZoneSpan } from '@ringfence/domain/limits/account-days';
import type { Mode } from '@ringfence/domain/shared/values';
import type { KeyId, StreamId } from '@ringfence/kernel/ids';
import type { EpochMs, LocalDay } from '@ringfence/kernel/units';
import type { EnvelopeOf, Projection } from '@ringfence/projections/projection';
import { rowSet, type RowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';

const minuteMs = 60_000;

/** Sums that one batch adds to the rows of minutes and days. */
type Counted = {
  readonly accountId: StreamId;
  readonly mode: Mode;
  readonly keyId: KeyId;
  readonly project: string;
  readonly application: string;
  calls: number;
  answered: number;
  failed: number;
  talkTimeMs: number;
  billedMs: number;
  chargedMicros: bigint;
};
type OfMinute = Counted & { readonly minuteMs: number };
type OfDay = Counted & { readonly localDay: LocalDay };
type Refusals = {
  readonly accountId: StreamId;
  readonly mode: Mode;
  readonly keyId: KeyId;
  readonly minuteMs: number;
  refused: number;
  undated: number;
};
type RefusalsOfDay = Omit<Refusals, 'minuteMs' | 'undated'> & { readonly localDay: LocalDay };
/** The row in which a refusal is counted. */
type Refused = Pick<CallRefused, 'presentedKeyId' | 'mode' | 'localDay'>;
type Zone = ZoneSpan & { readonly accountId: StreamId };
type Batch = {
  readonly minutes: Map<string, OfMinute>;
  readonly days: Map<string, OfDay>;
  readonly refusals: Map<string, Refusals>;
  readonly refusalDays: Map<string, RefusalsOfDay>;
  readonly labels: Map<KeyId, { readonly keyId: KeyId; readonly project: string; readonly application: string }>;
  readonly zones: Zone[];
  readonly zoneChanges: (Zone & { readonly changedAtMs: EpochMs })[];
};

const usage: Projection<Batch> = {
  name: 'usage',
  version: 2,
  order: 'stream',
  tables: readFileSync(new URL('usage.sql', import.meta.url), 'utf8'),
  newBatch: () => ({
    minutes: new Map(),
    days: new Map(),
    refusals: new Map(),
    refusalDays: new Map(),
    labels: new Map(),
    zones: [],
    zoneChanges: [],
  }),
  on: {
    calls: {
      CallPlaced: ({ stream, data }, batch) => {
        count(batch, stream, data, data.placedAtMs, { calls: 1 });
      },
      CallReceived: ({ stream, data }, batch) => {
        count(batch, stream, data, data.receivedAtMs, { calls: 1 });
      },
      InboundCallSimulated: 'ignore',
      CallCompleted: ({ stream, data }, batch) => {
        const { talkTimeMs, billedMs, chargedMicros } = data;
        count(batch, stream, data, data.endedAtMs, { answered: 1, talkTimeMs, billedMs, chargedMicros });
      },
      CallFailed: ({ stream, data }, batch) => {
        count(batch, stream, data, data.endedAtMs, { failed: 1 });
      },
      CallRefused: ({ stream, data }, batch) => {
        countRefused(batch, stream, data, data.refusedAtMs, 1);
      },
      CallRefusalsCounted: ({ stream, data }, batch) => {
        countRefused(batch, stream, data, data.secondStartMs, data.count);
      },
      CallRinging: 'ignore',
      CallAnswered: 'ignore',
      CallExtended: 'ignore',
      CallFlowRequested: 'ignore',
      CallFlowReplied: 'ignore',
      CallActionStarted: 'ignore',
      CallActionEnded: 'ignore',
      CallMuteRequested: 'ignore',
      CallDigitsRequested: 'ignore',
      CallPlaybackRequested: 'ignore',
      CallPlaybackEnded: 'ignore',
      CallFlowFailed: 'ignore',
      CallHangUpRequested: 'ignore',
    },
    keys: {
      KeyIssued: label,
      SigningKeyRegistered: label,
      KeyPolicyChanged: label,
      KeyRotated: 'ignore',
      KeyRevoked: 'ignore',
      KeyOverlapEnded: 'ignore',
    },
    accounts: {
      AccountOpened: ({ data: { accountId, timeZone, openedAtMs } }, { zones }) => {
        zones.push({ accountId, timeZone, fromMs: openedAtMs, firstDay: null });
      },
      AccountTimeZoneChanged: ({ data }, { zoneChanges }) => {
        zoneChanges.push(data);
      },
      AccountVerified: 'ignore',
      AccountSuspended: 'ignore',
      AccountResumed: 'ignore',
      AccountLimitsSet: 'ignore',
      CreditAdded: 'ignore',
      SubjectErased: 'ignore',
    },
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

/** Calls, answers, seconds and cost by minute and day, by key, application and project. */
export const usageProjection = runnable(usage);

type Dimensions = Pick<Counted, 'mode' | 'keyId' | 'project' | 'application'> & { readonly localDay: LocalDay };
type Amounts = Partial<Pick<Counted, 'calls' | 'answered' | 'failed' | 'talkTimeMs' | 'billedMs' | 'chargedMicros'>>;

function count(batch: Batch, accountId: StreamId, of: Dimensions, atMs: EpochMs, amounts: Amounts): void {
  const minute = atMs - (atMs % minuteMs);
  const key = `${accountId} ${of.mode} ${of.keyId} ${of.project} ${of.application} `;
  let byMinute = batch.minutes.get(key + String(minute));
  if (byMinute === undefined) {
    byMinute = { ...nothingCounted(accountId, of), minuteMs: minute };
    batch.minutes.set(key + String(minute), byMinute);
  }
  add(byMinute, amounts);
  let byDay = batch.days.get(key + of.localDay);
  if (byDay === undefined) {
    byDay = { ...nothingCounted(accountId, of), localDay: of.localDay };
    batch.days.set(key + of.localDay, byDay);
  }
  add(byDay, amounts);
}

function nothingCounted(accountId: StreamId, { mode, keyId, project, application }: Dimensions): Counted {
  const amounts = { calls: 0, answered: 0, failed: 0, talkTimeMs: 0, billedMs: 0, chargedMicros: 0n };
  return { accountId, mode, keyId, project, application, ...amounts };
}

function add(counted: Counted, amounts: Amounts): void {
  counted.calls += amounts.calls ?? 0;
  counted.answered += amounts.answered ?? 0;
  counted.failed += amounts.failed ?? 0;
  counted.talkTimeMs += amounts.talkTimeMs ?? 0;
  counted.billedMs += amounts.billedMs ?? 0;
  counted.chargedMicros += amounts.chargedMicros ?? 0n;
}

function countRefused(batch: Batch, accountId: StreamId, of: Refused, atMs: EpochMs, refused: number): void {
  const { presentedKeyId: keyId, mode, localDay } = of;
  const minute = atMs - (atMs % minuteMs);
  const key = `${accountId} ${mode} ${keyId} `;
  const none = { accountId, mode, keyId, refused: 0 };
  const byMinute = batch.refusals.get(key + String(minute)) ?? { ...none, minuteMs: minute, undated: 0 };
  byMinute.refused += refused;
  batch.refusals.set(key + String(minute), byMinute);
  if (localDay === null) {
    byMinute.undated += refused;
    return;
  }
  const byDay = batch.refusalDays.get(key + localDay) ?? { ...none, localDay };
  byDay.refused += refused;
  batch.refusalDays.set(key + localDay, byDay);
}

function label(
  envelope: EnvelopeOf<'KeyIssued' | 'SigningKeyRegistered' | 'KeyPolicyChanged'>,
  { labels }: Batch,
): void {
  const { keyId, policy } = envelope.data;
  labels.set(keyId, { keyId, project: policy.project, application: policy.application });
}

function write(batch: Batch, tx: OpenTransaction): void {
  minuteRows.write(tx, addMinutes, batch.minutes.values());
  dayRows.write(tx, addDays, batch.days.values());
  refusalRows.write(tx, addRefusals, batch.refusals.values());
  labelRows.write(tx, putLabels, batch.labels.values());
  refusalDayRows.write(tx, addRefusalDays, batch.refusalDays.values());
  zoneRows.write(tx, putZones, batch.zones);
  // Few, and each replaces earlier changes that had not taken effect before it.
  for (const change of batch.zoneChanges) {
    tx.execute('delete from account_zone where account_id = $1 and from_ms > $2', [
      change.accountId,
      change.changedAtMs,
    ]);
    zoneRows.write(tx, putZones, [change]);
  }
}

const amountNames = ['calls', 'answered', 'failed', 'talk_time_ms', 'billed_ms', 'charged_micros'] as const;
const dimensionColumns = {
  mode: ['text', (row: Counted) => row.mode],
  key_id: ['text', (row: Counted) => row.keyId],
  project: ['text', (row: Counted) => row.project],
  application: ['text', (row: Counted) => row.application],
} as const;
const amountColumns = {
  calls: ['int8', (row: Counted) => row.calls],
  answered: ['int8', (row: Counted) => row.answered],
  failed: ['int8', (row: Counted) => row.failed],
  talk_time_ms: ['int8', (row: Counted) => row.talkTimeMs],
  billed_ms: ['int8', (row: Counted) => row.billedMs],
  charged_micros: ['int8', (row: Counted) => row.chargedMicros],
} as const;

const minuteRows = rowSet<OfMinute>({
  account_id: ['text', (row) => row.accountId],
  minute_ms: ['int8', (row) => row.minuteMs],
  ...dimensionColumns,
  ...amountColumns,
});
const addMinutes = adding(
  'call_minute',
  minuteRows,
  'account_id, minute_ms, mode, key_id, project, application',
  amountNames,
);

const dayRows = rowSet<OfDay>({
  account_id: ['text', (row) => row.accountId],
  local_day: ['date', (row) => row.localDay],
  ...dimensionColumns,
  ...amountColumns,
});
const addDays = adding('call_day', dayRows, 'account_id, local_day, mode, key_id, project, application', amountNames);

const refusalRows = rowSet<Refusals>({
  account_id: ['text', (row) => row.accountId],
  minute_ms: ['int8', (row) => row.minuteMs],
  mode: ['text', (row) => row.mode],
  key_id: ['text', (row) => row.keyId],
  refused: ['int8', (row) => row.refused],
  undated: ['int8', (row) => row.undated],
});
const addRefusals = adding('refusal_minute', refusalRows, 'account_id, minute_ms, mode, key_id', [
  'refused',
  'undated',
]);

const refusalDayRows = rowSet<RefusalsOfDay>({
  account_id: ['text', (row) => row.accountId],
  local_day: ['date', (row) => row.localDay],
  mode: ['text', (row) => row.mode],
  key_id: ['text', (row) => row.keyId],
  refused: ['int8', (row) => row.refused],
});
const addRefusalDays = adding('refusal_day', refusalDayRows, 'account_id, local_day, mode, key_id', ['refused']);

const labelRows = rowSet<{ readonly keyId: KeyId; readonly project: string; readonly application: string }>({
  key_id: ['text', (row) => row.keyId],
  project: ['text', (row) => row.project],
  application: ['text', (row) => row.application],
});
const putLabels = `insert into key_label (${labelRows.names}) select * from ${labelRows.from}
  on conflict (key_id) do update set project = excluded.project, application = excluded.application`;

const zoneRows = rowSet<Zone>({
  account_id: ['text', (row) => row.accountId],
  from_ms: ['int8', (row) => row.fromMs],
  time_zone: ['text', (row) => row.timeZone],
  first_day: ['date', (row) => row.firstDay],
});
const putZones = `insert into account_zone (${zoneRows.names}) select * from ${zoneRows.from}`;

/** Inserts rows, or adds their amounts to existing ones. */
function adding<Row>(table: string, rows: RowSet<Row>, key: string, amounts: readonly string[]): string {
  const sums = amounts.map((name) => `${name} = ${table}.${name} + excluded.${name}`);
  return `insert into ${table} (${rows.names}) select * from ${rows.from} on conflict (${key}) do update set ${sums.join(', ')}`;
}
