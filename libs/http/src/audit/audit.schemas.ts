import { ceTypesEver } from '@ringfence/event-catalog/event-catalog';
import { actorKinds, modes } from '@ringfence/domain/shared/values';
import {
  flag,
  id,
  idOrNull,
  listOf,
  moment,
  type NamedSchemas,
  object,
  oneOf,
  positionToken,
  ref,
  sha256,
  text,
  textOrNull,
  whole,
} from '../edge/json-schema.js';

const actor = object({ kind: oneOf(actorKinds), id: text, version: whole });
const envelope = {
  position: positionToken,
  id: id('evt'),
  type: oneOf(ceTypesEver),
  stream: text,
  stream_version: whole,
  subject: text,
  time: moment,
  mode: oneOf(modes),
  command_id: text,
  issued_by: actor,
  on_behalf_of: {
    anyOf: [object({ key_id: id('key'), key_version: whole, policy_hash: sha256 }), { type: 'null' }],
  },
  presented_key_id: idOrNull('key'),
  prev_hash: sha256,
  hash: sha256,
};

export const auditSchemas: NamedSchemas = {
  AuditEvent: object(
    envelope,
    'An event’s envelope; `hash` is that of its bytes, and `prev_hash` of the stream’s next event.',
  ),
  AuditEventWithBytes: object({
    ...envelope,
    bytes: {
      type: 'string',
      contentEncoding: 'base64',
      description: 'The event as it is in the log, to the byte.',
    },
  }),
  AuditEventList: object({
    data: listOf(ref('AuditEventWithBytes')),
    next: positionToken,
    has_more: flag,
    modes: { ...listOf(oneOf(modes)), description: 'Whose events are listed, beside those of the account as a whole.' },
    complete: {
      ...flag,
      description:
        'false: events of the other mode are left out, so `stream_version` has gaps and `prev_hash` may be that of an event that is not listed; ask with an operator’s key for every event.',
    },
  }),
  CallAuthorization: object({
    call_id: id('cs'),
    account_id: id('acc'),
    placed_at: moment,
    position: positionToken,
    key: object({
      id: id('key'),
      version: whole,
      kind: oneOf(['secret', 'signing']),
      label: textOrNull,
      issued_by: actor,
      issued_at: moment,
      policy_version: whole,
      policy_hash: sha256,
      policy: ref('KeyPolicy'),
      erased: listOf(oneOf(['label', 'caller_numbers'])),
    }),
    events: listOf(ref('AuditEvent')),
  }),
};
