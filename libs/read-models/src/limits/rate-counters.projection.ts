import { readFileSync } from 'node:fs';
import type { CallRefusalCode } from '@ringfence/domain/calls/call-refusals';
import type { KeyId, StreamId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';

const secondMs = 1_000;

type KeySecond = {
  readonly keyId: KeyId;
  readonly secondMs: number;
  readonly accountId: StreamId;
  accepted: number;
  refused: number;
};
type Reason = { readonly keyId: KeyId; readonly secondMs: number; readonly code: CallRefusalCode; refused: number };
type Batch = { readonly seconds: Map<string, KeySecond>; readonly reasons: Map<string, Reason> };

const rateCounters: Projection<Batch> = {
  name: 'rate_counters',
  version: 1,
  order: 'stream',
  tables: readFileSync(new URL('rate-counters.sql', import.meta.url), 'utf8'),
  newBatch: () => ({ seconds: new Map(), reasons: new Map() }),
  on: {
    calls: {
      CallPlaced: ({ stream, data }, batch) => {
        secondOf(batch, stream, data.keyId, data.placedAtMs).accepted += 1;
      },
      CallReceived: ({ stream, data }, batch) => {
        secondOf(batch, stream, data.keyId, data.receivedAtMs).accepted += 1;
      },
      InboundCallSimulated: 'ignore',
      CallRefused: ({ stream, data }, batch) => {
        refused(batch, stream, data.presentedKeyId, data.refusedAtMs, data.code, 1);
      },
      CallRefusalsCounted: ({ stream, data }, batch) => {
        refused(batch, stream, data.presentedKeyId, data.secondStartMs, data.code, data.count);
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
      CallCompleted: 'ignore',
      CallFailed: 'ignore',
    },
    accounts: 'ignore',
    keys: 'ignore',
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

/** Accepted and refused calls by key and second of decision. */
export const rateCountersProjection = runnable(rateCounters);

function secondOf({ seconds }: Batch, accountId: StreamId, keyId: KeyId, atMs: EpochMs): KeySecond {
  const second = atMs - (atMs % secondMs);
  const name = `${keyId} ${String(second)}`;
  return getOrInsert(seconds, name, () => ({ keyId, secondMs: second, accountId, accepted: 0, refused: 0 }));
}

function refused(
  batch: Batch,
  accountId: StreamId,
  keyId: KeyId,
  atMs: EpochMs,
  code: CallRefusalCode,
  count: number,
): void {
  const second = secondOf(batch, accountId, keyId, atMs);
  second.refused += count;
  const name = `${keyId} ${String(second.secondMs)} ${code}`;
  const known = batch.reasons.get(name);
  if (known === undefined) batch.reasons.set(name, { keyId, secondMs: second.secondMs, code, refused: count });
  else known.refused += count;
}

function write({ seconds, reasons }: Batch, tx: OpenTransaction): void {
  secondRows.write(tx, addSeconds, seconds.values());
  reasonRows.write(tx, addReasons, reasons.values());
}

const secondRows = rowSet<KeySecond>({
  key_id: ['text', (row) => row.keyId],
  second_ms: ['int8', (row) => row.secondMs],
  account_id: ['text', (row) => row.accountId],
  accepted: ['int8', (row) => row.accepted],
  refused: ['int8', (row) => row.refused],
});
const addSeconds = `insert into key_second (${secondRows.names}) select * from ${secondRows.from}
  on conflict (key_id, second_ms) do update set accepted = key_second.accepted + excluded.accepted,
    refused = key_second.refused + excluded.refused`;

const reasonRows = rowSet<Reason>({
  key_id: ['text', (row) => row.keyId],
  second_ms: ['int8', (row) => row.secondMs],
  code: ['text', (row) => row.code],
  refused: ['int8', (row) => row.refused],
});
const addReasons = `insert into refusal_second (${reasonRows.names}) select * from ${reasonRows.from}
  on conflict (key_id, second_ms, code) do update set refused = refusal_second.refused + excluded.refused`;
