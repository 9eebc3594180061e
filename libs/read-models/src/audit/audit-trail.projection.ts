import { readFileSync } from 'node:fs';
import type { KeyIssued, KeyPolicyChanged, SigningKeyRegistered } from '@ringfence/domain/keys/key.events';
import type { Mode } from '@ringfence/domain/shared/values';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { isAccountWide } from '@ringfence/event-catalog/event-facts';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { StreamId } from '@ringfence/kernel/ids';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';

type AuthorityEvent = {
  readonly envelope: RecordedEnvelope;
  /** null: the event carries no policy. */
  readonly policyVersion: number | null;
};
type SeenEvents = {
  readonly stream: StreamId;
  readonly seenBy: Mode | 'both';
  readonly span: number;
  readonly offsets: number[];
};
type Batch = { readonly events: RecordedEnvelope[]; readonly authority: AuthorityEvent[] };

/** Positions of a row: an offset is one byte. */
export const spanPositions = 256;

const auditTrail: Projection<Batch> = {
  name: 'audit_trail',
  version: 7,
  order: 'log',
  tables: readFileSync(new URL('audit-trail.sql', import.meta.url), 'utf8'),
  newBatch: () => ({ events: [], authority: [] }),
  on: {
    keys: {
      KeyIssued: recordPolicy,
      SigningKeyRegistered: recordPolicy,
      KeyPolicyChanged: recordPolicy,
      KeyRotated: recordAuthority,
      KeyRevoked: recordAuthority,
      KeyOverlapEnded: recordAuthority,
    },
    accounts: {
      AccountOpened: recordAuthority,
      AccountVerified: recordAuthority,
      AccountSuspended: recordAuthority,
      AccountResumed: recordAuthority,
      // They do not concern what a key may do, and can be many.
      AccountLimitsSet: record,
      AccountTimeZoneChanged: record,
      CreditAdded: record,
      SubjectErased: record,
    },
    calls: record,
    numbers: record,
    inventory: record,
    rejections: record,
    webhooks: record,
    apps: record,
    trunks: record,
    platform: record,
  },
  write,
};

/** Positions of all events, by stream and by who sees them, and those of the events that say what a key was allowed. */
export const auditTrailProjection = runnable(auditTrail);

function record(envelope: RecordedEnvelope, { events }: Batch): void {
  events.push(envelope);
}

function recordAuthority(envelope: RecordedEnvelope, batch: Batch): void {
  record(envelope, batch);
  batch.authority.push({ envelope, policyVersion: null });
}

function recordPolicy(
  envelope: RecordedEnvelope<KeyIssued | SigningKeyRegistered | KeyPolicyChanged>,
  batch: Batch,
): void {
  record(envelope, batch);
  const { data } = envelope;
  batch.authority.push({ envelope, policyVersion: data.type === 'KeyPolicyChanged' ? data.keyVersion : 1 });
}

function write({ events, authority }: Batch, tx: OpenTransaction): void {
  eventRows.write(tx, insertEvents, seenIn(events));
  authorityRows.write(tx, insertAuthority, authority);
}

function seenIn(events: readonly RecordedEnvelope[]): Iterable<SeenEvents> {
  const found = new Map<string, SeenEvents>();
  for (const { stream, data, mode, position } of events) {
    const seenBy: SeenEvents['seenBy'] = isAccountWide(data.type) ? 'both' : mode;
    const span = Math.floor(position / spanPositions);
    const name = `${stream} ${seenBy} ${String(span)}`;
    getOrInsert(found, name, () => ({ stream, seenBy, span, offsets: [] })).offsets.push(position % spanPositions);
  }
  return found.values();
}

const eventRows = rowSet<SeenEvents>({
  stream: ['text', (row) => row.stream],
  seen_by: ['text', (row) => row.seenBy],
  span: ['int4', (row) => row.span],
  offsets: ['bytea', (row) => Buffer.from(row.offsets).toString('hex')],
});
const insertEvents = `insert into event (${eventRows.names}) select * from ${eventRows.from}
  on conflict (stream, seen_by, span) do update set offsets = event.offsets || excluded.offsets`;

const authorityRows = rowSet<AuthorityEvent>({
  subject: ['text', ({ envelope }) => envelope.subject],
  position: ['int8', ({ envelope }) => envelope.position],
  issuer: ['text', ({ envelope }) => issuerOf(envelope)],
  policy_version: ['int4', ({ policyVersion }) => policyVersion],
});
const insertAuthority = `insert into authority_event (${authorityRows.names}) select * from ${authorityRows.from}`;

/** The key that issued the key whose first event this is. */
function issuerOf({ data, issuedBy }: RecordedEnvelope): string | null {
  const isFirst = data.type === 'KeyIssued' || data.type === 'SigningKeyRegistered';
  return isFirst && issuedBy.kind === 'key' ? issuedBy.id : null;
}
