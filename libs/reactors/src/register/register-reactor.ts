import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { LogReactor, type LogReactorParts } from '../log-reactor.js';

/** Name of the file in the data folder of each decider: one JSON object per line, `{"position":…,"event":…}`. */
export const registerFileName = 'erasures-and-revocations.jsonl';

/** Keeps events outside of the database, so that they are available after a restore of an older backup. */
export interface Register {
  /** Durable when it settles; the same event may come twice. @throws Failure `register_unwritable` (retryable) */
  append(events: readonly RecordedEvent[]): Promise<void>;
}

const registeredTypes = new Set(['SubjectErased', 'KeyRevoked'] as const);

/**
 * Starts the reactor that records, outside of the database, the facts that a restore must not undo: erasures and
 * revocations of keys.
 * @throws Failure `reactor_checkpoints_unavailable` (retryable)
 */
export function startRegisterReactor(
  parts: LogReactorParts & { readonly register: Register },
): Promise<LogReactor<'SubjectErased' | 'KeyRevoked'>> {
  const { register } = parts;
  const reaction = {
    name: 'register',
    types: registeredTypes,
    carryOut: ({ recorded }: { readonly recorded: readonly RecordedEvent[] }) => register.append(recorded),
  };
  return LogReactor.start(parts, reaction, 'at_once');
}
