import type { EventEnvelope } from '@ringfence/event-catalog/envelope';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import {
  exampleDestination,
  exampleKeyIssued,
  examplePlaceCall,
  exampleDecks,
  nine,
} from '@ringfence/testing/examples';
import type { AccountId, CallId, CommandId, EventId, LegId, LogId } from '@ringfence/kernel/ids';
import { durationMs, localDay, micros, streamVersion } from '@ringfence/kernel/units';

const issued = exampleKeyIssued();
const command = examplePlaceCall(nine);
const rate = exampleDecks.quote('15005550000', 'USD', nine);
if (rate === undefined) throw new Error('the first rate deck prices the sandbox');
const common = {
  type: 'CallPlaced',
  keyId: issued.keyId,
  mode: 'test',
  project: issued.policy.project,
  application: issued.policy.application,
  voiceAppId: null,
  from: { ...command.from.sealed, ciphertext: 'A'.repeat(54) },
  to: { ...command.to.sealed, ciphertext: 'B'.repeat(54) },
  flowUrl: { ...command.from.sealed, ciphertext: 'C'.repeat(72) },
  statusCallbackUrl: null,
  record: true,
  ringTimeoutMs: durationMs(60_000),
  rate,
  destination: exampleDestination,
  candidates: command.routes.test,
  authorisedForMs: durationMs(300_000),
  reservedMicros: micros(60_000n),
  localDay: localDay('2026-11-24'),
  zoneData: '2026c',
  placedAtMs: nine,
} as const;

/** A CallPlaced of realistic size, the first event of a stream of its own. */
export function placedEnvelope(ulid: string): EventEnvelope<CallPlaced> {
  const accountId = `acc_${ulid}` as AccountId;
  const callId = `cs_${ulid}` as CallId;
  const id = `evt_${ulid}` as EventId;
  return {
    id,
    logId: `log_${ulid}` as LogId,
    stream: accountId,
    version: streamVersion(1),
    subject: callId,
    decidedAtMs: nine,
    commandId: `cmd_${ulid}` as CommandId,
    mode: 'test',
    issuedBy: { kind: 'key', id: issued.keyId, version: 1 },
    onBehalfOf: { keyId: issued.keyId, keyVersion: 1, policyHash: issued.policyHash },
    presentedKeyId: null,
    traceparent: null,
    prevHash: '0'.repeat(64),
    salt: 'ab'.repeat(16),
    data: { ...common, callId, legId: `cl_${ulid}` as LegId, attemptId: id, accountId },
  };
}

export const benchKey = issued;
