import { acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { CommandMetadata } from '../shared/values.js';
import type { Refusal } from '../refusals.js';
import type { TurnAwayCommand } from './rejection.commands.js';
import { rejectionCodes, type RejectionEvent, type RejectionCode } from './rejection.events.js';
import { rejectionEvents, type CommandRejection, type RejectionSums } from './rejected-commands.js';

type Presented = CommandMetadata & { readonly type: string };
type Rejected = Extract<Decision<RejectionEvent, Refusal>, { readonly accepted: false }>;

/** Records a command that never reached its lane. One that is only counted is refused, because nothing is recorded. */
export function recordRejection(command: TurnAwayCommand, sums: RejectionSums): Decision<RejectionEvent, Refusal> {
  if (command.principal.kind !== 'worker')
    return refuse({ code: 'presenter_not_allowed', detail: 'Only the platform itself reports rejected commands.' });
  const { presentedKeyId, code, commandType, count, nowMs } = command;
  const name = commandType === null ? null : nameOf(commandType);
  const events = rejectionEvents(sums, { presentedKeyId, code, commandType: name, count, turnedAwayAtMs: nowMs });
  return events.length > 0
    ? acceptAll(events)
    : refuse({ code: 'turning_away_counted', detail: 'It is counted with the others of its second.' });
}

/**
 * The refusal of a command whose principal lacks the authority; the log records which key presented what.
 * @param sums null: the stream was never opened, so nothing can be recorded in it
 */
export function rejectUnauthorized(command: Presented, sums: RejectionSums | null, refusal: Refusal): Rejected {
  const rejection = sums === null ? undefined : rejectedCommandOf(command, refusal);
  return {
    accepted: false,
    refusal,
    trace: sums === null || rejection === undefined ? [] : rejectionEvents(sums, rejection),
  };
}

/**
 * The record of a command that its lane refuses because the presented key lacks the authority.
 * @returns undefined: no key presented it, or the reason is a different one
 */
export function rejectedCommandOf(
  { type, principal, nowMs }: Presented,
  { code }: Refusal,
): CommandRejection | undefined {
  if (principal.kind !== 'key' || !isRejectionCode(code)) return undefined;
  return { presentedKeyId: principal.keyId, code, commandType: nameOf(type), count: 1, turnedAwayAtMs: nowMs };
}

/** A command's name in the types on topics: `place_call`. */
function nameOf(commandType: string): string {
  return commandType.replaceAll(/\B[A-Z]/g, (capital) => `_${capital}`).toLowerCase();
}

function isRejectionCode(code: string): code is RejectionCode {
  return (rejectionCodes as readonly string[]).includes(code);
}
