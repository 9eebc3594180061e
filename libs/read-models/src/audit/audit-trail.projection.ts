import { readFileSync } from 'node:fs';
import type { KeyIssued, KeyPolicyChanged, SigningKeyRegistered } from '@ringfence/domain/keys/key.events';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { Position } from '@ringfence/kernel/units';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { policyText } from '../keys/policy-text.js';

type PolicyEvent = KeyIssued | SigningKeyRegistered | KeyPolicyChanged;
type PolicyInForce = { readonly event: PolicyEvent; readonly position: Position };
type Batch = { readonly events: RecordedEnvelope[]; readonly policies: PolicyInForce[] };

const auditTrail: Projection<Batch> = {
  name: 'audit_trail',
  version: 5,
  order: 'log',
  tables: readFileSync(new URL('audit-trail.sql', import.meta.url), 'utf8'),
  newBatch: () => ({ events: [], policies: [] }),
  on: {
    keys: {
      KeyIssued: recordPolicy,
      SigningKeyRegistered: recordPolicy,
      KeyPolicyChanged: recordPolicy,
      KeyRotated: record,
      KeyRevoked: record,
      KeyOverlapEnded: record,
    },
    accounts: record,
    calls: record,
    rejections: record,
    platform: record,
  },
  write,
};

/**
 * Every event in the order of the log: who caused it, on whose authority, and the hash that chains it to the previous
 * one.
 */
export const auditTrailProjection = runnable(auditTrail);

function record(envelope: RecordedEnvelope, { events }: Batch): void {
  events.push(envelope);
}

function recordPolicy(envelope: RecordedEnvelope<PolicyEvent>, batch: Batch): void {
  record(envelope, batch);
  batch.policies.push({ event: envelope.data, position: envelope.position });
}

async function write({ events, policies }: Batch, tx: SqlTransaction): Promise<void> {
  if (events.length > 0) await tx.query(insertEvents, eventRows.params(events));
  if (policies.length > 0) await tx.query(insertPolicies, policyRows.params(policies));
}

const eventRows = rowSet<RecordedEnvelope>({
  position: ['int8', (event) => event.position],
  stream: ['text', (event) => event.stream],
  version: ['int8', (event) => event.version],
  type: ['text', (event) => event.data.type],
  subject: ['text', (event) => event.subject],
  decided_at_ms: ['int8', (event) => event.decidedAtMs],
  mode: ['text', (event) => event.mode],
  event_id: ['text', (event) => event.id],
  command_id: ['text', (event) => event.commandId],
  issued_by_kind: ['text', (event) => event.issuedBy.kind],
  issued_by_id: ['text', (event) => event.issuedBy.id],
  issued_by_version: ['int4', (event) => event.issuedBy.version],
  on_behalf_of_key_id: ['text', (event) => event.onBehalfOf?.keyId ?? null],
  on_behalf_of_key_version: ['int4', (event) => event.onBehalfOf?.keyVersion ?? null],
  on_behalf_of_policy_hash: ['text', (event) => event.onBehalfOf?.policyHash ?? null],
  presented_key_id: ['text', (event) => event.presentedKeyId],
  prev_hash: ['bytea', (event) => event.prevHash],
});
const insertEvents = `insert into event (${eventRows.names}) select * from ${eventRows.from}`;

const policyRows = rowSet<PolicyInForce>({
  key_id: ['text', ({ event }) => event.keyId],
  key_version: ['int4', ({ event }) => (event.type === 'KeyPolicyChanged' ? event.keyVersion : 1)],
  position: ['int8', (row) => row.position],
  label_subject: ['text', ({ event }) => (event.type === 'KeyPolicyChanged' ? null : event.label.subjectId)],
  label_ciphertext: ['text', ({ event }) => (event.type === 'KeyPolicyChanged' ? null : event.label.ciphertext)],
  policy: ['text', ({ event }) => policyText(event.policy)],
  policy_hash: ['text', ({ event }) => event.policyHash],
});
const insertPolicies = `insert into key_policy (${policyRows.names}) select * from ${policyRows.from}`;
