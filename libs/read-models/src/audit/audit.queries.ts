import type { KeyIssued, KeyPolicyChanged, SigningKeyRegistered } from '@ringfence/domain/keys/key.events';
import type { EventAttributes, RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { decodeAttributes, decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { hashOf } from '@ringfence/event-catalog/hash';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { Actor, Authority, Mode, SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, KeyId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type EpochMs, type Position, position } from '@ringfence/kernel/units';
import type { EventStore, RecordedEvent } from '@ringfence/ports/log/event-store';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { spanPositions } from './audit-trail.projection.js';

const auditEventsMax = 1_000;
/** The longest chain of issuers (keys that issued the key, and so on) that is followed. */
const issuersMax = 8;
/** The most events of an authorisation; a call has fewer than ten of its own, and a key rarely more changes. */
const authorisationEventsMax = 200;

export type AuditEventsRequest = {
  /** null: of all accounts, and the platform's. */
  readonly accountId: AccountId | null;
  /** Events of this mode and those of the account as a whole; null: all. A mode is only that of an account. */
  readonly mode: Mode | null;
  readonly fromPosition: Position;
  /** 1 … auditEventsMax */
  readonly limit: number;
};

/** An event as the log has it, with the attributes of its envelope. */
export type AuditEvent = {
  readonly recorded: RecordedEvent;
  readonly attributes: EventAttributes;
  /** Lower-case hex SHA-256 of the event's bytes; the stream's next event carries it. */
  readonly hash: string;
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

/** The reads of the log that audits need. */
type AuditedLog = Pick<EventStore, 'readAll' | 'readAt' | 'readSubject'>;

/**
 * The audit trail: says which events, and reads them from the log. Throws Failure `database_unavailable`,
 * `event_store_unavailable` (both retryable).
 */
export class AuditQueries {
  constructor(
    private readonly db: SqlTransaction,
    private readonly log: AuditedLog,
  ) {}

  /** Events from `fromPosition` on, in order. Resume at the last one's position + 1. */
  async auditEvents({ accountId, mode, fromPosition, limit }: AuditEventsRequest): Promise<readonly AuditEvent[]> {
    const count = Math.min(limit, auditEventsMax);
    if (accountId === null) {
      invariant(mode === null, 'events of all accounts are those of both modes');
      return (await this.log.readAll(fromPosition, count)).map(auditEvent);
    }
    const seen = positionsSeenBy[mode ?? 'both'];
    const positions = await this.db.query<PositionRecord>(seen, [accountId, fromPosition, count], 'each_time');
    return (await this.log.readAt(positions.map(positionOf))).map(auditEvent);
  }

  /** undefined: no such call was ever placed or received. */
  async authorizationOf(callId: CallId): Promise<CallAuthorisation | undefined> {
    const events = (await this.log.readSubject(callId, authorisationEventsMax)).map(auditEvent);
    const placed = events.find(
      ({ attributes: { type } }) => type === 'CallPlaced' || type === 'CallReceived',
    )?.attributes;
    if (placed?.onBehalfOf == null) return undefined;
    const accountId = placed.stream as AccountId; // calls are placed only in the streams of accounts
    const before = await this.#authorityBefore(placed.position, accountId, placed.onBehalfOf.keyId);
    const key = await this.#keyAt(placed.onBehalfOf);
    if (key === undefined) return undefined;
    return {
      callId,
      accountId,
      mode: placed.mode,
      placedPosition: placed.position,
      placedAtMs: placed.decidedAtMs,
      key,
      chain: [...before, ...events],
    };
  }

  /** Events before `below` that say what the key, its issuers and the account were allowed, in order. */
  async #authorityBefore(below: Position, accountId: AccountId, keyId: KeyId): Promise<readonly AuditEvent[]> {
    const positions = await this.db.query<PositionRecord>(authorityPositions, [accountId, keyId, below]);
    return (await this.log.readAt(positions.map(positionOf))).map(auditEvent);
  }

  /** The key in this version, from the events of its first version and of its last change of policy. */
  async #keyAt({ keyId, keyVersion, policyHash }: Authority): Promise<CallAuthorisation['key'] | undefined> {
    const positions = await this.db.query<PositionRecord>(policyPositions, [keyId, keyVersion]);
    const events = (await this.log.readAt(positions.map(positionOf))).map(decodeRecorded);
    const [issued, last] = [events.at(0), events.at(-1)];
    if (issued === undefined || !isFirstOfKey(issued) || last === undefined || !hasPolicy(last)) return undefined;
    return {
      keyId,
      keyVersion,
      policyHash,
      kind: issued.data.type === 'KeyIssued' ? 'secret' : 'signing',
      label: issued.data.label,
      policy: last.data.policy,
      policyVersion: last.data.type === 'KeyPolicyChanged' ? last.data.keyVersion : 1,
      issuedBy: issued.issuedBy,
      issuedAtMs: issued.decidedAtMs,
    };
  }
}

type FirstOfKey = KeyIssued | SigningKeyRegistered;
function isFirstOfKey(envelope: RecordedEnvelope): envelope is RecordedEnvelope<FirstOfKey> {
  return envelope.data.type === 'KeyIssued' || envelope.data.type === 'SigningKeyRegistered';
}
function hasPolicy(envelope: RecordedEnvelope): envelope is RecordedEnvelope<FirstOfKey | KeyPolicyChanged> {
  return isFirstOfKey(envelope) || envelope.data.type === 'KeyPolicyChanged';
}

function auditEvent(recorded: RecordedEvent): AuditEvent {
  return { recorded, attributes: decodeAttributes(recorded), hash: hashOf(recorded.bytes) };
}

type PositionRecord = { readonly position: string };
function positionOf(record: PositionRecord): Position {
  return position(Number(record.position));
}

/** $1: the account; $2: the first position; $3: events at most. By the mode of the caller. */
const positionsSeenBy: Readonly<Record<Mode | 'both', string>> = {
  live: positionsIn(['live', 'both']),
  test: positionsIn(['test', 'both']),
  both: positionsIn(['live', 'test', 'both']),
};

/** Merges ranges of a stream, each of which the primary key has in the order of positions. */
function positionsIn(ranges: readonly (Mode | 'both')[]): string {
  const selects = ranges.map(
    (seenBy) => `(select position from audit_trail.event
      cross join lateral generate_series(0, length(offsets) - 1) as nth
      cross join lateral (select span::int8 * ${spanPositions} + get_byte(offsets, nth)) as at (position)
      where stream = $1 and seen_by = '${seenBy}' and span >= $2::int8 / ${spanPositions} and position >= $2
      order by span, nth limit $3)`,
  );
  return `select position from (${selects.join(' union all ')}) seen order by position limit $3`;
}

/** $1: the account; $2: the key; $3: below this position. */
const authorityPositions = `
  with recursive issuers (key_id, depth) as (
    select $2::text collate "C", 0
    union
    select e.issuer, i.depth + 1 from issuers i join audit_trail.authority_event e on e.subject = i.key_id
    where e.issuer is not null and e.position < $3 and i.depth < ${issuersMax}
  )
  select position from audit_trail.authority_event
  where subject in (select $1 union select key_id from issuers) and position < $3
  order by position limit ${authorisationEventsMax}`;

/** $1: the key; $2: its version. Where its first policy is and the one in force; they may be one. */
const policyPositions = `
  (select position from audit_trail.authority_event where subject = $1 and policy_version <= $2
   order by policy_version limit 1)
  union
  (select position from audit_trail.authority_event where subject = $1 and policy_version <= $2
   order by policy_version desc limit 1)`;
