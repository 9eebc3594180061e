import { acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import {
  addDuration,
  addMicros,
  durationMs,
  minMicros,
  subtractMicros,
  zeroMicros,
  type EpochMs,
  type Micros,
} from '@ringfence/kernel/units';
import { affordableMs, priceOf } from '../billing/rating/rating.js';
import { spentOn } from '../limits/daily-spend.js';
import { localDayOf } from '../limits/local-day.js';
import { dueActionsMax, type ActOnTime } from '../platform/values.js';
import type { Refusal } from '../refusals.js';
import { refusalsDue, type AccountStreamEvent } from './account-evolve.js';
import type { AccountState, LiveCall } from './account-state.js';
import type { CallExtended, CallHangUpRequested, HangUpReason } from './call.events.js';
import { completed, failed } from './call-life.js';
import {
  authorisationStepMs,
  callMsMax,
  dueOfCall,
  extensible,
  extensionDue,
  extensionRetryMs,
  leaseEnd,
} from './call-timers.js';

/** Does what is due, at most `dueActionsMax` things at a time; the rest stays due. */
export function actOnTime({ nowMs }: ActOnTime, state: AccountState): Decision<AccountStreamEvent, Refusal> {
  const events: AccountStreamEvent[] = [];
  collectOverlaps(state, nowMs, events);
  collectRefusalCounts(state, nowMs, events);
  let money: Taken = new Map();
  for (const call of state.calls.values()) {
    if (events.length >= dueActionsMax) break;
    const event = dueEvent(call, state, money, nowMs);
    if (event === undefined) continue;
    events.push(event);
    if (event.type === 'CallExtended') money = spend(money, event);
  }
  if (events.length === 0) return refuse({ code: 'nothing_due', detail: 'No timer of this account is due.' });
  return acceptAll(events);
}

/** The exact next due moment, found by looking at everything; what is overdue but could not be done is tried again later. */
export function exactDueMs(state: AccountState, nowMs: EpochMs): EpochMs | null {
  let earliest: EpochMs | null = null;
  const consider = (moment: EpochMs) => {
    const later = moment > nowMs ? moment : addDuration(nowMs, extensionRetryMs);
    if (earliest === null || later < earliest) earliest = later;
  };
  for (const { key } of state.keys.values())
    if (key.status === 'active' && key.overlapUntilMs !== null) consider(key.overlapUntilMs);
  for (const { uncounted, secondStartMs } of state.refusals.values())
    if (uncounted > 0) consider(refusalsDue(secondStartMs));
  for (const call of state.calls.values()) consider(dueOfCall(call));
  return earliest;
}

function collectOverlaps(state: AccountState, nowMs: EpochMs, events: AccountStreamEvent[]): void {
  for (const { key } of state.keys.values()) {
    if (events.length >= dueActionsMax) return;
    if (key.status === 'active' && key.overlapUntilMs !== null && key.overlapUntilMs <= nowMs) {
      events.push({ type: 'KeyOverlapEnded', keyId: key.keyId, endedAtMs: nowMs });
    }
  }
}

function collectRefusalCounts(state: AccountState, nowMs: EpochMs, events: AccountStreamEvent[]): void {
  for (const { keyId, mode, code, secondStartMs, uncounted } of state.refusals.values()) {
    if (events.length >= dueActionsMax) return;
    if (uncounted === 0 || refusalsDue(secondStartMs) > nowMs) continue;
    events.push({
      type: 'CallRefusalsCounted',
      presentedKeyId: keyId,
      mode,
      code,
      secondStartMs,
      count: uncounted,
      countedAtMs: nowMs,
    });
  }
}

function dueEvent(call: LiveCall, state: AccountState, money: Taken, nowMs: EpochMs): AccountStreamEvent | undefined {
  if (call.hangUp === null) {
    const ordered = orderedHangUp(call, state);
    if (ordered !== undefined) return hangUpRequested(call, ordered, nowMs);
  }
  if (dueOfCall(call) > nowMs) return undefined;
  if (call.hangUp !== null) return workerSilent(call, nowMs);
  if (call.progress.phase !== 'answered') return hangUpRequested(call, 'ring_timeout', nowMs);
  if (nowMs >= leaseEnd(call, call.progress.answeredAtMs)) return workerSilent(call, nowMs);
  const extend = extensible(call) && nowMs >= extensionDue(call, call.progress.answeredAtMs);
  return extend ? extension(call, state, money, nowMs) : undefined;
}

/** Why the platform itself wants this call to end at once. */
function orderedHangUp(call: LiveCall, state: AccountState): HangUpReason | undefined {
  if (state.standing.status === 'suspended') return 'account_suspended';
  const key = state.keys.get(call.authority.keyId)?.key;
  return key?.status === 'revoked' && key.onRevoke === 'hangup' ? 'key_revoked' : undefined;
}

/** The worker has lost the call. How long was talked cannot be proven, so nothing is charged. */
function workerSilent(call: LiveCall, nowMs: EpochMs): AccountStreamEvent {
  if (call.progress.phase !== 'answered')
    return failed(call, call.hangUp?.reason === 'ring_timeout' ? 'no_answer' : 'carrier_unknown', nowMs);
  return completed(call, 'carrier_unknown', 'platform', durationMs(0), nowMs);
}

export function hangUpRequested(call: LiveCall, reason: HangUpReason, nowMs: EpochMs): CallHangUpRequested {
  const { callId, legId } = call;
  return { type: 'CallHangUpRequested', callId, legId, keyId: call.authority.keyId, reason, requestedAtMs: nowMs };
}

/** What earlier extensions of the same decision have taken, by mode and by key. */
type Taken = ReadonlyMap<string, Micros>;

function taken(before: Taken, by: string): Micros {
  return before.get(by) ?? zeroMicros;
}

function spend(before: Taken, { mode, keyId, addedMicros }: CallExtended): Taken {
  const next = new Map(before);
  for (const by of [mode, keyId]) next.set(by, addMicros(taken(before, by), addedMicros));
  return next;
}

function extension(call: LiveCall, state: AccountState, money: Taken, nowMs: EpochMs): CallExtended | undefined {
  const use = state.keys.get(call.authority.keyId);
  if (use === undefined || state.standing.status === 'unopened') return undefined;
  const day = localDayOf(state.standing.timeZone, nowMs);
  const available = subtractMicros(state.books[call.mode].availableMicros, taken(money, call.mode));
  const limit = use.key.policy.dailySpendMicrosMax;
  const spent = addMicros(spentOn(use.spend, day), taken(money, use.key.keyId));
  const left = limit === null ? available : minMicros(available, subtractMicros(limit, spent));
  if (left <= 0n) return undefined;
  const wishedMs = durationMs(Math.min(call.authorisedForMs + authorisationStepMs, callMsMax));
  const budget = addMicros(call.reservedMicros, left);
  const authorisedForMs = affordableMs(call.rate, budget, wishedMs);
  if (authorisedForMs === undefined || authorisedForMs <= call.authorisedForMs) return undefined;
  const reservedMicros = priceOf(call.rate, authorisedForMs);
  const { callId, legId, mode } = call;
  return {
    type: 'CallExtended',
    callId,
    legId,
    keyId: use.key.keyId,
    mode,
    authorisedForMs,
    addedMicros: subtractMicros(reservedMicros, call.reservedMicros),
    reservedMicros,
    localDay: day,
    extendedAtMs: nowMs,
  };
}
