import { acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import { commandNameOf, type DomainCommandType } from '../command.js';
import type { CommandMetadata } from '../shared/values.js';
import type { Refusal } from '../refusals.js';
import type { TurnAwayCommand } from './rejection.commands.js';
import { turnAwayCodes, type AuditEvent, type TurnAwayCode } from './rejection.events.js';
import { rejectionEvents, type TurnedAway, type TurnedAwaySums } from './rejected-commands.js';

/** What never reached its lane is told to the log; one that is only counted is refused, for nothing is written. */
export function turnAway(command: TurnAwayCommand, sums: TurnedAwaySums): Decision<AuditEvent, Refusal> {
  if (command.by.kind !== 'worker')
    return refuse({ code: 'presenter_not_allowed', detail: 'Only the platform itself turns commands away.' });
  const { presentedKeyId, code, commandType, count, nowMs } = command;
  const name = commandType === null ? null : commandNameOf(commandType);
  const events = rejectionEvents(sums, { presentedKeyId, code, commandType: name, count, turnedAwayAtMs: nowMs });
  return events.length > 0
    ? acceptAll(events)
    : refuse({ code: 'turning_away_counted', detail: 'It is counted with the others of its second.' });
}

/**
 * A command that its lane refuses because the key that it was presented with may not wish for it, as the log is told of it.
 * @returns undefined: no key presented it, or the reason is another
 */
export function turnedAwayFor(
  { type, by, nowMs }: CommandMetadata & { readonly type: DomainCommandType },
  { code }: Refusal,
): TurnedAway | undefined {
  if (by.kind !== 'key' || !isTurnAwayCode(code)) return undefined;
  return { presentedKeyId: by.keyId, code, commandType: commandNameOf(type), count: 1, turnedAwayAtMs: nowMs };
}

function isTurnAwayCode(code: string): code is TurnAwayCode {
  return (turnAwayCodes as readonly string[]).includes(code);
}
