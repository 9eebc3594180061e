import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type {
  RejectionEvent,
  CommandsTurnedAwayCounted,
  CommandTurnedAway,
  RejectionCode,
} from './rejection.events.js';
import {
  refusalName,
  secondOf,
  traceOf,
  withFirstRefusal,
  flushed,
  type RefusalSum,
  type RefusalSums,
} from './refusal-aggregation.js';

/** The key under which rejected commands are aggregated: API key and reason. */
export type CommandRejectionKey = { readonly keyId: KeyId | null; readonly code: RejectionCode };
/** A stream's recently rejected commands. */
export type RejectionSums = RefusalSums<CommandRejectionKey>;
/** One rejected command, or several of a kind that were counted before being reported. */
export type CommandRejection = Omit<CommandTurnedAway, 'type'>;

/**
 * Number of keys that are counted separately per reason and second; further ones are counted under no key. An unsigned
 * command can name any key, so the number of events that it causes must be bounded.
 */
export const rejectedKeysMax = 16;

/** The events that record a rejected command; none when it is only counted. */
export function rejectionEvents(sums: RejectionSums, rejection: CommandRejection): readonly RejectionEvent[] {
  const alike = aggregationKey(sums, rejection, rejection.turnedAwayAtMs);
  const first: CommandTurnedAway = { type: 'CommandTurnedAway', ...rejection, presentedKeyId: alike.keyId };
  return traceOf(sums, alike, rejection.turnedAwayAtMs, first, commandsCounted);
}

/** The key under which a rejected command is counted. */
export function aggregationKey(
  sums: RejectionSums,
  { presentedKeyId: keyId, code }: { readonly presentedKeyId: KeyId | null; readonly code: RejectionCode },
  nowMs: EpochMs,
): CommandRejectionKey {
  const secondStartMs = secondOf(nowMs);
  if (keyId === null || sums.get(refusalName({ keyId, code }))?.secondStartMs === secondStartMs) return { keyId, code };
  const distinctKeys = sums.count((sum) => sum.secondStartMs === secondStartMs && sum.alike.keyId !== null);
  return { keyId: distinctKeys < rejectedKeysMax ? keyId : null, code };
}

export function evolveRejections(sums: RejectionSums, event: RejectionEvent): RejectionSums {
  const alike = { keyId: event.presentedKeyId, code: event.code };
  return event.type === 'CommandTurnedAway'
    ? withFirstRefusal(withoutOver(sums, event.turnedAwayAtMs), alike, event.turnedAwayAtMs)
    : flushed(sums, alike, event.secondStartMs);
}

/** The event that counts the commands of one second besides the one recorded in full. */
export function commandsCounted(
  { alike, secondStartMs, uncounted: count }: RefusalSum<CommandRejectionKey>,
  nowMs: EpochMs,
): CommandsTurnedAwayCounted {
  const { keyId: presentedKeyId, code } = alike;
  return { type: 'CommandsTurnedAwayCounted', presentedKeyId, code, secondStartMs, count, countedAtMs: nowMs };
}

/** Drops completed seconds, so that keys named by strangers do not fill the memory. */
function withoutOver(sums: RejectionSums, nowMs: EpochMs): RejectionSums {
  const secondStartMs = secondOf(nowMs);
  return sums.filter((sum) => sum.uncounted > 0 || sum.secondStartMs === secondStartMs);
}
