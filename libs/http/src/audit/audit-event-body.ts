import type { LogId } from '@ringfence/kernel/ids';
import type { AuditEvent } from '@ringfence/read-models/audit/audit.queries';
import { positionTokenOf } from '../edge/positions.js';
import { momentText } from '../edge/reading.js';

/** An event's envelope, under the names of its CloudEvent; the type is in the version that was written. */
export function auditEventBody({ recorded, attributes, hash }: AuditEvent, logId: LogId): object {
  const { issuedBy, onBehalfOf } = attributes;
  return {
    position: positionTokenOf(logId, attributes.position),
    id: attributes.id,
    type: recorded.type,
    stream: attributes.stream,
    stream_version: attributes.version,
    subject: attributes.subject,
    time: momentText(attributes.decidedAtMs),
    mode: attributes.mode,
    command_id: attributes.commandId,
    issued_by: { kind: issuedBy.kind, id: issuedBy.id, version: issuedBy.version },
    on_behalf_of:
      onBehalfOf === null
        ? null
        : { key_id: onBehalfOf.keyId, key_version: onBehalfOf.keyVersion, policy_hash: onBehalfOf.policyHash },
    presented_key_id: attributes.presentedKeyId,
    prev_hash: attributes.prevHash,
    hash,
  };
}
