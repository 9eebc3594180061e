import { ceTypes } from '@ringfence/event-catalog/event-catalog';
import type { LogId } from '@ringfence/kernel/ids';
import type { AuditEvent } from '@ringfence/read-models/audit/audit.queries';
import { positionTokenOf } from '../edge/positions.js';
import { momentText } from '../edge/reading.js';

/** An event's envelope, under the names of its CloudEvent. */
export function auditEventBody(event: AuditEvent, logId: LogId): object {
  const { onBehalfOf } = event;
  return {
    position: positionTokenOf(logId, event.position),
    id: event.eventId,
    type: ceTypes[event.type],
    stream: event.stream,
    stream_version: event.version,
    subject: event.subject,
    time: momentText(event.decidedAtMs),
    mode: event.mode,
    command_id: event.commandId,
    issued_by: { kind: event.issuedBy.kind, id: event.issuedBy.id, version: event.issuedBy.version },
    on_behalf_of:
      onBehalfOf === null
        ? null
        : { key_id: onBehalfOf.keyId, key_version: onBehalfOf.keyVersion, policy_hash: onBehalfOf.policyHash },
    presented_key_id: event.presentedKeyId,
    prev_hash: event.prevHash,
    hash: event.hash,
  };
}
