import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import type { Actor, Authority, Mode } from '@ringfence/domain/shared/values';
import type { CommandId, EventId, KeyId, LogId, StreamId } from '@ringfence/kernel/ids';
import type { EpochMs, Position, StreamVersion } from '@ringfence/kernel/units';

/**
 * An event with its metadata. On the wire it is a CloudEvents 1.0 JSON object in canonical form (RFC 8785); its bytes
 * do not contain the position, which is assigned by the commit (docs/adr).
 */
export type EventEnvelope<Event extends DomainEvent = DomainEvent> = {
  readonly id: EventId;
  readonly logId: LogId;
  readonly stream: StreamId;
  readonly version: StreamVersion;
  /** Id of the call, key, subject or account that the event concerns. */
  readonly subject: string;
  readonly decidedAtMs: EpochMs;
  readonly commandId: CommandId;
  /** The mode that the event belongs to; platform events are `live`. */
  readonly mode: Mode;
  readonly issuedBy: Actor;
  readonly onBehalfOf: Authority | null;
  readonly presentedKeyId: KeyId | null;
  /** W3C trace context of the command. */
  readonly traceparent: string | null;
  /** Lower-case hex SHA-256 of the bytes of the stream's previous event; 64 zeros for its first. */
  readonly prevHash: string;
  /** 128 random bits, lower-case hex: keeps a leaf's hash from being guessed. */
  readonly salt: string;
  readonly data: Event;
};

export type RecordedEnvelope<Event extends DomainEvent = DomainEvent> = EventEnvelope<Event> & {
  readonly position: Position;
};

/** The envelope of a recorded event without its data. */
export type EventAttributes = Omit<RecordedEnvelope, 'data'> & { readonly type: DomainEventType };
