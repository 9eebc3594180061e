import { eventTypeOf } from '@ringfence/event-catalog/event-catalog';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import type { EventStore, RecordedEvent } from '@ringfence/ports/log/event-store';
import { isAborted } from '@ringfence/kernel/aborted';
import { Failure } from '@ringfence/kernel/failure';
import type { Timers } from '@ringfence/kernel/timers';
import { position, type Position } from '@ringfence/kernel/units';

/** One page: the wanted events, and the position after all events read. */
export type LogPage<Type extends DomainEventType> = {
  readonly events: readonly RecordedEnvelope<Extract<DomainEvent, { type: Type }>>[];
  /** The same events as recorded in the log. */
  readonly recorded: readonly RecordedEvent[];
  readonly next: Position;
};

type LogFollowing<Type extends DomainEventType> = {
  readonly store: EventStore;
  readonly timers: Timers;
  readonly types: ReadonlySet<Type>;
  readonly signal: AbortSignal;
  /** Called for one page after the other; after a retryable failure the same page is passed again. */
  readonly onPage: (page: LogPage<Type>) => Promise<void>;
  readonly onRetryableError: (cause: unknown) => void;
};

const retryMsMin = 100;
const retryMsMax = 5_000;

/**
 * Reads the log from `from` on, page by page and without end, and decodes only the wanted types. Waits out outages.
 * @throws failures that are not retryable: an event that cannot be read, a lost lease
 */
export async function followLog<Type extends DomainEventType>(
  from: Position,
  following: LogFollowing<Type>,
): Promise<void> {
  const { store, timers, signal, onPage, onRetryableError } = following;
  let next = from;
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const recorded of store.subscribe(next, signal)) {
        if (isAborted(signal)) return;
        await onPage(logPageOf(following.types, recorded, next));
        next = afterPage(recorded, next);
        failures = 0;
      }
    } catch (error) {
      if (isAborted(signal)) return;
      if (!(error instanceof Failure && error.retryable)) throw error;
      onRetryableError(error);
      const ms = Math.min(retryMsMax, retryMsMin * 2 ** failures);
      failures = Math.min(10, failures + 1);
      await new Promise<void>((resolve) => timers.after(ms, resolve));
    }
  }
}

export function logPageOf<Type extends DomainEventType>(
  types: ReadonlySet<Type>,
  recorded: readonly RecordedEvent[],
  from: Position,
): LogPage<Type> {
  const events: RecordedEnvelope<Extract<DomainEvent, { type: Type }>>[] = [];
  const wanted: RecordedEvent[] = [];
  for (const event of recorded) {
    const type = eventTypeOf(event.type);
    // An unknown type is decoded nevertheless: that fails, and stops the reader.
    if (type !== undefined && !isOneOf(types, type)) continue;
    const envelope = decodeRecorded(event);
    if (!isWanted(types, envelope)) continue;
    events.push(envelope);
    wanted.push(event);
  }
  return { events, recorded: wanted, next: afterPage(recorded, from) };
}

function afterPage(recorded: readonly RecordedEvent[], from: Position): Position {
  const last = recorded.at(-1);
  return last === undefined ? from : position(last.position + 1);
}

function isOneOf<Type extends DomainEventType>(types: ReadonlySet<Type>, type: DomainEventType): type is Type {
  return (types as ReadonlySet<DomainEventType>).has(type);
}

function isWanted<Type extends DomainEventType>(
  types: ReadonlySet<Type>,
  envelope: RecordedEnvelope,
): envelope is RecordedEnvelope<Extract<DomainEvent, { type: Type }>> {
  return isOneOf(types, envelope.data.type);
}
