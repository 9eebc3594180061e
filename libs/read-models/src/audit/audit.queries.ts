import type { DomainEventType } from '@ringfence/domain/domain-event';
import { accountWideEvents } from '@ringfence/event-catalog/event-facts';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { Actor, Authority, Mode, SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, CommandId, EventId, KeyId, StreamId, SubjectId } from '@ringfence/kernel/ids';
import {
  type EpochMs,
  epochMs,
  type Position,
  position,
  type StreamVersion,
  streamVersion,
} from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { policyOf } from '../keys/policy-text.js';

const auditEventsMax = 1_000;
/** The longest chain of issuers (keys that issued the key, and so on) that is followed. */
const issuersMax = 8;
/** The most events of an authorisation; a call has fewer than ten of its own, and a key rarely more changes. */
const authorisationEventsMax = 200;

export type AuditEventsRequest = {
  /** null: of all accounts, and the platform's. */
  readonly accountId: AccountId | null;
  /** Events of this mode and those of the account as a whole; null: all. */
  readonly mode: Mode | null;
  readonly fromPosition: Position;
  /** 1 … auditEventsMax */
  readonly limit: number;
};

/** One event without its data; its bytes are in the log at the same position. */
export type AuditEvent = {
  readonly position: Position;
  readonly stream: StreamId;
  readonly version: StreamVersion;
  readonly type: DomainEventType;
  readonly subject: string;
  readonly decidedAtMs: EpochMs;
  readonly mode: Mode;
  readonly eventId: EventId;
  readonly commandId: CommandId;
  readonly issuedBy: Actor;
  readonly onBehalfOf: Authority | null;
  readonly presentedKeyId: KeyId | null;
  /** Lower-case hex SHA-256 of the bytes of the stream's previous event. */
  readonly prevHash: string;
  /** Hash of this event's own bytes, as recorded in the stream's next event; null: there is no next event yet. */
  readonly hash: string | null;
};

/** The authorisation of one call: the key as it was at that time, and the events that led there. */
export type CallAuthorisation = {
  readonly callId: CallId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly placedPosition: Position;
  readonly placedAtMs: EpochMs;
  readonly key: {
    readonly keyId: KeyId;
    readonly keyVersion: number;
    /** The credential: a secret or a signature. */
    readonly kind: 'secret' | 'signing';
    readonly label: SealedText;
    /** The limits at that moment. */
    readonly policy: KeyPolicy;
    /** The key's version since which this policy was in force. */
    readonly policyVersion: number;
    readonly policyHash: string;
    /** The actor that issued the key. */
    readonly issuedBy: Actor;
    readonly issuedAtMs: EpochMs;
  };
  /**
   * Events in the order of the log: the account's opening and status, the history of the key and its issuers until
   * then, and the call's own events until now.
   */
  readonly chain: readonly AuditEvent[];
};

/** The audit trail. Throws Failure `database_unavailable` (retryable). */
export class AuditQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** Events from `fromPosition` on, in order. Resume at the last one's position + 1. */
  async auditEvents(request: AuditEventsRequest): Promise<readonly AuditEvent[]> {
    const { accountId, mode, fromPosition, limit } = request;
    const count = Math.min(limit, auditEventsMax);
    const records = await this.db.query<AuditRecord>(
      accountId === null ? readAll(mode) : readStream(mode),
      accountId === null ? [fromPosition, count] : [fromPosition, count, accountId],
    );
    return records.map(auditEvent);
  }

  /** undefined: no such call was ever placed. */
  async authorizationOf(callId: CallId): Promise<CallAuthorisation | undefined> {
    const events = await this.#eventsAbout([callId], null);
    const placed = events.find((event) => event.type === 'CallPlaced');
    if (placed?.onBehalfOf == null) return undefined;
    const { keyId, keyVersion, policyHash } = placed.onBehalfOf;
    const accountId = placed.stream as AccountId; // calls are placed only in the streams of accounts
    const issuers = await this.#issuersOf(keyId, placed.position);
    const before = await this.#eventsAbout([accountId, keyId, ...issuers], placed.position);
    const policies = await this.db.query<PolicyRecord>(
      `select key_version, policy, label_subject, label_ciphertext from audit_trail.key_policy
       where key_id = $1 and key_version <= $2 order by key_version`,
      [keyId, keyVersion],
    );
    const issued = before.find((event) => isBeginning(event.type) && event.subject === keyId);
    const [first, policy] = [policies.at(0), policies.at(-1)];
    if (issued === undefined || first?.label_subject == null || policy === undefined) return undefined;
    return {
      callId,
      accountId,
      mode: placed.mode,
      placedPosition: placed.position,
      placedAtMs: placed.decidedAtMs,
      key: {
        keyId,
        keyVersion,
        kind: issued.type === 'KeyIssued' ? 'secret' : 'signing',
        label: { subjectId: first.label_subject, ciphertext: first.label_ciphertext ?? '' },
        policy: policyOf(policy.policy),
        policyVersion: policy.key_version,
        policyHash,
        issuedBy: issued.issuedBy,
        issuedAtMs: issued.decidedAtMs,
      },
      chain: [...before, ...events],
    };
  }

  /** Events about these subjects in order, below `below` (null: until now). */
  async #eventsAbout(subjects: readonly string[], below: Position | null): Promise<readonly AuditEvent[]> {
    const records = await this.db.query<AuditRecord>(
      `select ${columns} from audit_trail.event e
       where subject = any($1::text[]) and ($2::int8 is null or position < $2) and ${saysSomething}
       order by position limit ${authorisationEventsMax}`,
      [subjects, below],
    );
    return records.map(auditEvent);
  }

  /** The keys that issued this key, directly or through others. */
  async #issuersOf(keyId: KeyId, below: Position): Promise<readonly string[]> {
    const records = await this.db.query<{ issuer: string }>(
      `with recursive issuers (issuer, depth) as (
         select issued_by_id, 1 from audit_trail.event
         where subject = $1 and type in ${beginnings} and issued_by_kind = 'key' and position < $2
         union
         select e.issued_by_id, i.depth + 1 from issuers i join audit_trail.event e on e.subject = i.issuer
         where e.type in ${beginnings} and e.issued_by_kind = 'key' and e.position < $2 and i.depth < ${issuersMax}
       ) select distinct issuer from issuers`,
      [keyId, below],
    );
    return records.map((record) => record.issuer);
  }
}

const accountWide = `type in (${accountWideEvents.map((type) => `'${type}'`).join(', ')})`;

/**
 * Conditions that exclude each other and together select what a caller of a mode sees. For each of them an index has
 * the events of a stream in the order of positions.
 */
const rangesOf: Readonly<Record<Mode | 'both', readonly string[]>> = {
  live: [`mode = 'live'`],
  test: [`mode = 'test'`, `mode = 'live' and ${accountWide}`],
  both: [`mode = 'live'`, `mode = 'test'`],
};

/** $1: the first position; $2: events at most */
function readAll(mode: Mode | null): string {
  const seen = mode === null ? '' : `and (${rangesOf[mode].join(' or ')})`;
  return `select ${columns} from audit_trail.event e where position >= $1 ${seen} order by position limit $2`;
}

/** $1: the first position; $2: events at most; $3: the stream */
function readStream(mode: Mode | null): string {
  const ranges = rangesOf[mode ?? 'both'].map(
    (seen) => `(select * from audit_trail.event where stream = $3 and ${seen} and position >= $1
      order by position limit $2)`,
  );
  return `select ${columns} from (${ranges.join(' union all ')}) e order by position limit $2`;
}

/** The types of a key's first event. */
const beginnings = `('KeyIssued', 'SigningKeyRegistered')`;
function isBeginning(type: DomainEventType): boolean {
  return type === 'KeyIssued' || type === 'SigningKeyRegistered';
}

/**
 * The condition of the partial index. It leaves out events about an account or a key that do not concern what the key
 * may do: they can be many.
 */
const saysSomething = `type not in
  ('CreditAdded', 'AccountLimitsSet', 'AccountTimeZoneChanged', 'CallRefused', 'CallRefusalsCounted', 'CommandTurnedAway', 'CommandsTurnedAwayCounted')`;

/** Next event of the stream of `e`: the earlier one of the next events of each mode. */
const next = rangesOf.both
  .map(
    (seen) => `(select position, prev_hash from audit_trail.event
      where stream = e.stream and ${seen} and position > e.position order by position limit 1)`,
  )
  .join(' union all ');
const columns = `e.*, encode(e.prev_hash, 'hex') as prev_hash_hex,
  (select encode(n.prev_hash, 'hex') from (${next}) n order by n.position limit 1) as hash_hex`;

type AuditRecord = {
  readonly position: string;
  readonly stream: StreamId;
  readonly version: string;
  readonly type: DomainEventType;
  readonly subject: string;
  readonly decided_at_ms: string;
  readonly mode: Mode;
  readonly event_id: EventId;
  readonly command_id: CommandId;
  readonly issued_by_kind: Actor['kind'];
  readonly issued_by_id: string;
  readonly issued_by_version: number;
  readonly on_behalf_of_key_id: KeyId | null;
  readonly on_behalf_of_key_version: number | null;
  readonly on_behalf_of_policy_hash: string | null;
  readonly presented_key_id: KeyId | null;
  readonly prev_hash_hex: string;
  readonly hash_hex: string | null;
};
type PolicyRecord = {
  readonly key_version: number;
  readonly policy: string;
  readonly label_subject: SubjectId | null;
  readonly label_ciphertext: string | null;
};

function auditEvent(record: AuditRecord): AuditEvent {
  const {
    on_behalf_of_key_id: keyId,
    on_behalf_of_key_version: keyVersion,
    on_behalf_of_policy_hash: policyHash,
  } = record;
  return {
    position: position(Number(record.position)),
    stream: record.stream,
    version: streamVersion(Number(record.version)),
    type: record.type,
    subject: record.subject,
    decidedAtMs: epochMs(Number(record.decided_at_ms)),
    mode: record.mode,
    eventId: record.event_id,
    commandId: record.command_id,
    issuedBy: { kind: record.issued_by_kind, id: record.issued_by_id, version: record.issued_by_version },
    onBehalfOf: keyId === null || keyVersion === null || policyHash === null ? null : { keyId, keyVersion, policyHash },
    presentedKeyId: record.presented_key_id,
    prevHash: record.prev_hash_hex,
    hash: record.hash_hex,
  };
}
