import { EnvelopeWriter, type ChainHead } from '@ringfence/lanes/envelope-writer';
import { laneModels } from '@ringfence/lanes/lane-models';
import { loadStream, pieceBytes } from '@ringfence/lanes/loaded-stream';
import { SaltSource } from '@ringfence/lanes/salt-source';
import { accountModel, type AccountStreamEvent } from '@ringfence/domain/streams/account/account-stream';
import type { CallCompleted, CallPlaced } from '@ringfence/domain/calls/call.events';
import { eventFacts } from '@ringfence/event-catalog/event-facts';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { EventToAppend } from '@ringfence/ports/log/event-store';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import type { AccountId, CallId, EventId, IdSource, LegId } from '@ringfence/kernel/ids';
import { durationMs, epochMs, micros, position, streamVersion, subtractMicros } from '@ringfence/kernel/units';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { ulid } from 'ulid';
import { placedEnvelope } from './placed-envelope.js';

const batchEvents = 2_000;
export const eventsPerCall = 4;

/**
 * Writes ended calls into an account's stream, with a snapshot, as its lane would have. The platform must be stopped.
 * @returns the number of events in the log
 */
export async function writeHistory(dataDir: string, account: AccountId, calls: number): Promise<number> {
  const server = await startEmbeddedPostgres({ dataDir });
  const pool = openPool(server.url, { connectionsMax: 2 });
  const store = await PostgresEventStore.open(pool);
  try {
    const [first] = await store.readAll(position(0), 1);
    if (first === undefined) throw new Error('the log is empty');
    const envelopes = new EnvelopeWriter(decodeRecorded(first).logId, benchIds, new SaltSource());
    const loaded = await loadStream(store, laneModels.account, account);
    const [keyId] = loaded.state.keys.keys();
    if (keyId === undefined) throw new Error('the account has no key');
    let { state } = loaded;
    let end: ChainHead = { version: loaded.version, prevHash: loaded.prevHash };
    for (let written = 0; written < calls;) {
      const expectedVersion = streamVersion(end.version);
      const events: EventToAppend[] = [];
      for (; written < calls && events.length < batchEvents; written += 1) {
        for (const event of lifeOf(account, keyId)) {
          const after = accountModel.evolve(state, event);
          const sealed = envelopes.write(event, eventFacts(event, { before: state, after }), context(account), end);
          events.push(sealed.toAppend);
          ({ end } = sealed);
          state = after;
        }
      }
      await store.append({
        appends: [{ stream: account, expectedVersion, events, nextDueMs: null }],
        unchanged: [],
        outcomes: [],
        fences: [],
      });
    }
    await store.saveSnapshot({
      stream: account,
      version: end.version,
      evolveVersion: laneModels.account.evolveVersion,
      pieces: Array.from(laneModels.account.snapshot(state), pieceBytes),
    });
    return await store.head();
  } finally {
    await store.close();
    await pool.end();
    await server.stop();
  }
}

const context = (stream: AccountId) => ({
  stream,
  commandId: benchIds.commandId(),
  decidedAtMs: epochMs(Date.now()),
  issuedBy: { kind: 'worker', id: 'wrk_bench', version: 0 } as const,
  traceparent: null,
});

/** Events of one call: placed, ringing, answered, completed. */
function lifeOf(accountId: AccountId, keyId: CallPlaced['keyId']): readonly AccountStreamEvent[] {
  const nowMs = epochMs(Date.now());
  const placed: CallPlaced = { ...placedEnvelope(ulid()).data, accountId, keyId, placedAtMs: nowMs };
  const { callId, legId, attemptId, mode, project, application, localDay, zoneData, reservedMicros } = placed;
  const chargedMicros = micros(200n);
  const completed: CallCompleted = {
    type: 'CallCompleted',
    callId,
    legId,
    keyId,
    mode,
    project,
    application,
    localDay,
    zoneData,
    cause: 'callee_hangup',
    endedBy: 'callee',
    talkTimeMs: durationMs(1_000),
    billedMs: durationMs(1_000),
    chargedMicros,
    releasedMicros: subtractMicros(reservedMicros, chargedMicros),
    endedAtMs: nowMs,
  };
  return [
    placed,
    { type: 'CallRinging', callId, legId, keyId, attemptId, ringingAtMs: nowMs },
    { type: 'CallAnswered', callId, legId, keyId, attemptId, answeredAtMs: nowMs },
    completed,
  ];
}

/** Ids of events that are written for a bench. */
export const benchIds: IdSource = {
  accountId: () => `acc_${ulid()}` as AccountId,
  keyId: () => `key_${ulid()}` as ReturnType<IdSource['keyId']>,
  callId: () => `cs_${ulid()}` as CallId,
  legId: () => `cl_${ulid()}` as LegId,
  eventId: () => `evt_${ulid()}` as EventId,
  subjectId: () => `sub_${ulid()}` as ReturnType<IdSource['subjectId']>,
  logId: () => `log_${ulid()}` as ReturnType<IdSource['logId']>,
  deckId: () => `deck_${ulid()}` as ReturnType<IdSource['deckId']>,
  ipListId: () => `acl_${ulid()}` as ReturnType<IdSource['ipListId']>,
  sipTrunkId: () => `st_${ulid()}` as ReturnType<IdSource['sipTrunkId']>,
  voiceAppId: () => `va_${ulid()}` as ReturnType<IdSource['voiceAppId']>,
  webhookSecretId: () => `sec_${ulid()}` as ReturnType<IdSource['webhookSecretId']>,
  numberId: () => `vn_${ulid()}` as ReturnType<IdSource['numberId']>,
  operationId: () => `op_${ulid()}` as ReturnType<IdSource['operationId']>,
  commandId: () => `cmd_${ulid()}` as ReturnType<IdSource['commandId']>,
};
