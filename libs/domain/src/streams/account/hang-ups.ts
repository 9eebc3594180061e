import { acceptAll, type Decision } from '@ringfence/kernel/decider';
import type { EpochMs } from '@ringfence/kernel/units';
import type { CallHangUpRequested } from '../../calls/call.events.js';
import { hangUpRequested } from '../../calls/call-life.js';
import type { KeyUsage } from '../../keys/key-usage.js';
import type { Refusal } from '../../refusals.js';
import type { AccountState } from './account-state.js';
import type { AccountStreamEvent } from './slice.js';

/** Hang-ups for the active calls of these keys, at most `most`. */
export function hangUpsOf(
  uses: Iterable<KeyUsage>,
  { calls }: Pick<AccountState, 'calls'>,
  reason: 'key_revoked' | 'account_suspended',
  nowMs: EpochMs,
  most: number,
): readonly CallHangUpRequested[] {
  const events: CallHangUpRequested[] = [];
  for (const { activeCalls } of uses) {
    for (const callId of activeCalls) {
      if (events.length >= most) return events;
      const call = calls.get(callId);
      if (call !== undefined) events.push(hangUpRequested(call, reason, nowMs));
    }
  }
  return events;
}

/**
 * The decision with its hang-ups; those beyond one batch are due at once and left to the timer. Hang-ups precede the
 * decision's own event: a key may revoke itself, and no event issued by a key may follow its KeyRevoked.
 */
export function withHangUps(
  decision: Decision<AccountStreamEvent, Refusal>,
  hangUps: () => readonly AccountStreamEvent[],
): Decision<AccountStreamEvent, Refusal> {
  return decision.accepted ? acceptAll([...hangUps(), ...decision.events]) : decision;
}
