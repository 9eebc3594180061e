import { ceTypeOf } from '@ringfence/event-catalog/event-catalog';
import { encodeEvent } from '@ringfence/event-catalog/event-codec';
import { hashOf } from '@ringfence/event-catalog/hash';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { EventFacts } from '@ringfence/event-catalog/context-catalogue';
import type { Actor } from '@ringfence/domain/shared/values';
import type { EventToAppend } from '@ringfence/ports/log/event-store';
import type { CommandId, IdSource, LogId, StreamId } from '@ringfence/kernel/ids';
import { type EpochMs, streamVersion, type StreamVersion } from '@ringfence/kernel/units';
import type { SaltSource } from './salt-source.js';

/** The context that all events of one command share. */
export type EnvelopeContext = {
  readonly stream: StreamId;
  readonly commandId: CommandId;
  readonly decidedAtMs: EpochMs;
  readonly issuedBy: Actor;
  readonly traceparent: string | null;
};
/** Head of the stream: the next event gets the version and hash after it. */
export type ChainHead = { readonly version: StreamVersion; readonly prevHash: string };
type WrittenEvent = { readonly toAppend: EventToAppend; readonly end: ChainHead };

/** Adds envelopes to events, encodes them, and chains them: each holds the hash of the one before it. */
export class EnvelopeWriter {
  constructor(
    readonly logId: LogId,
    private readonly ids: IdSource,
    private readonly salts: SaltSource,
  ) {}

  /** @throws Failure `event_field_invalid`, `event_too_large`: the same event always fails */
  write(event: DomainEvent, facts: EventFacts, context: EnvelopeContext, end: ChainHead): WrittenEvent {
    const version = streamVersion(end.version + 1);
    const bytes = encodeEvent({
      id: facts.eventId ?? this.ids.eventId(),
      logId: this.logId,
      stream: context.stream,
      version,
      subject: facts.subject,
      decidedAtMs: context.decidedAtMs,
      commandId: context.commandId,
      mode: facts.mode,
      issuedBy: context.issuedBy,
      onBehalfOf: facts.onBehalfOf,
      presentedKeyId: facts.presentedKeyId,
      traceparent: context.traceparent,
      prevHash: end.prevHash,
      salt: this.salts.next(),
      data: event,
    });
    const toAppend = { type: ceTypeOf(event), subject: facts.subject, bytes };
    return { toAppend, end: { version, prevHash: hashOf(bytes) } };
  }
}
