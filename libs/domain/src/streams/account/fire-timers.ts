import { acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { CallId, KeyId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import {
  addDuration,
  addMicros,
  durationMs,
  micros,
  minMicros,
  subtractMicros,
  zeroMicros,
  type EpochMs,
  type LocalDay,
  type Micros,
} from '@ringfence/kernel/units';
import { callsCounted } from '../../calls/refused-calls.js';
import { commandsCounted } from '../../rejections/rejected-commands.js';
import { affordableMs, priceOf } from '../../billing/rating/rating.js';
import type { KeyLine } from '../../keys/key-line.js';
import { allowanceOf, budgetOf } from '../../limits/allowance.js';
import { looserBound } from '../../limits/account-limits.js';
import { afterReservation, type DailySpend, leftToSpend } from '../../limits/daily-spend.js';
import { type AccountDays, allowanceDay, today } from '../../limits/account-days.js';
import type { Calendar, RecordedDay } from '../../shared/calendar.js';
import { afterReserving, type Reservation, type Usage } from '../../limits/usage.js';
import { elapsedFrom, type StampedTime } from '../../shared/slow-stamps.js';
import { dueActionsMax, type FireTimers, type Mode } from '../../shared/values.js';
import type { Refusal } from '../../refusals.js';
import type { AccountStreamEvent } from './account-evolve.js';
import { type AccountState, type Timer } from './account-state.js';
import { useLine, type KeyUsage } from '../../keys/key-usage.js';
import { type LiveCall } from '../../calls/live-call.js';
import { dueTimers, plan, withoutStaleTimers } from './account-timers.js';
import type { CallExtended, CallHangUpRequested } from '../../calls/call.events.js';
import { completed, failed } from '../../calls/call-life.js';
import { authorisationStepMs, callMsMax, dueOfCall, extensionRetryMs, leaseEnd } from '../../calls/call-timers.js';

/** Does what is due, at most `dueActionsMax` things at a time; the rest stays due. */
export function fireTimers(time: FireTimers, state: AccountState): Decision<AccountStreamEvent, Refusal> {
  const { events } = dueActions(state, time);
  if (events.length === 0) return refuse({ code: 'nothing_due', detail: 'No timer of this account is due.' });
  return acceptAll(events);
}

/** Puts off the extensions that nobody can pay for now: what was due and led to nothing is due again a little later. */
export function postponeUnpaid(state: AccountState, time: FireTimers): AccountState {
  const { unpaid } = dueActions(state, time);
  const retryAtMs = addDuration(time.nowMs, extensionRetryMs);
  const later = unpaid.reduce((before, call) => {
    const next = { ...call, retryAtMs };
    const changed = { ...before, calls: before.calls.set(call.callId, next) };
    return plan(changed, dueOfCall(next), { kind: 'call', callId: call.callId });
  }, state);
  return withoutStaleTimers(later);
}

export function hangUpRequested(
  call: LiveCall,
  reason: CallHangUpRequested['reason'],
  nowMs: EpochMs,
): CallHangUpRequested {
  const { callId, legId } = call;
  return { type: 'CallHangUpRequested', callId, legId, keyId: call.authority.keyId, reason, requestedAtMs: nowMs };
}

/** Hang-ups for the calls under these keys that nobody asked to end yet, at most `most`. */
export function hangUpsOf(
  uses: Iterable<KeyUsage>,
  state: AccountState,
  reason: 'key_revoked' | 'account_suspended',
  nowMs: EpochMs,
  most: number,
): readonly CallHangUpRequested[] {
  const events: CallHangUpRequested[] = [];
  for (const { going } of uses) {
    for (const callId of going) {
      if (events.length >= most) return events;
      const call = state.calls.get(callId);
      if (call !== undefined) events.push(hangUpRequested(call, reason, nowMs));
    }
  }
  return events;
}

type Actions = { readonly events: readonly AccountStreamEvent[]; readonly unpaid: readonly LiveCall[] };

function dueActions(state: AccountState, time: FireTimers): Actions {
  const { nowMs } = time;
  const events: AccountStreamEvent[] = [];
  const unpaid: LiveCall[] = [];
  const asked = new Set<CallId>(); // a call gets one event in one decision
  const purse = new SpendingBudget(state, time);
  const ask = (hangUps: readonly CallHangUpRequested[]) => {
    for (const hangUp of hangUps) {
      if (asked.has(hangUp.callId)) continue;
      asked.add(hangUp.callId);
      events.push(hangUp);
    }
  };
  for (const timer of dueTimers(state, time)) {
    const left = dueActionsMax - events.length - unpaid.length;
    if (left <= 0) break;
    if (timer.kind === 'revoked' || timer.kind === 'suspended') {
      ask(pendingHangUps(timer, state, nowMs, left));
      continue;
    }
    if (timer.kind !== 'call') {
      events.push(flushCount(timer, state, nowMs));
      continue;
    }
    const call = state.calls.get(timer.callId);
    if (call === undefined || asked.has(call.callId)) continue;
    asked.add(call.callId);
    const event = ofCall(call, purse, time);
    if (event === undefined) unpaid.push(call);
    else events.push(event);
  }
  return { events, unpaid };
}

function pendingHangUps(
  timer: Extract<Timer, { kind: 'revoked' | 'suspended' }>,
  state: AccountState,
  nowMs: EpochMs,
  most: number,
): readonly CallHangUpRequested[] {
  if (timer.kind === 'suspended') return hangUpsOf(state.keys.values(), state, 'account_suspended', nowMs, most);
  const use = state.keys.get(timer.keyId);
  return use === undefined ? [] : hangUpsOf([use], state, 'key_revoked', nowMs, most);
}

function flushCount(
  timer: Extract<Timer, { kind: 'overlap' | 'refusals' | 'turned_away' }>,
  state: AccountState,
  nowMs: EpochMs,
): AccountStreamEvent {
  if (timer.kind === 'overlap') return { type: 'KeyOverlapEnded', keyId: timer.keyId, endedAtMs: nowMs };
  if (timer.kind === 'turned_away') return commandsCounted(standing(state.turnedAway.get(timer.name)), nowMs);
  return callsCounted(standing(state.refusals.get(timer.name)), nowMs);
}

function standing<Sum>(sum: Sum | undefined): Sum {
  invariant(sum !== undefined, 'a due sum of refusals stands in the state');
  return sum;
}

/** undefined: it should be extended, and nobody can pay for that. */
function ofCall(call: LiveCall, purse: SpendingBudget, time: StampedTime): AccountStreamEvent | undefined {
  const { nowMs } = time;
  if (call.hangUp !== null) return workerSilent(call, nowMs);
  if (call.progress.phase !== 'answered') return hangUpRequested(call, 'ring_timeout', nowMs);
  const { answeredAtMs } = call.progress;
  if (elapsedFrom(answeredAtMs, time) >= leaseEnd(call, answeredAtMs)) return workerSilent(call, nowMs);
  return purse.extend(call, nowMs);
}

/** The worker has lost the call. How long was talked cannot be proven, so nothing is charged. */
function workerSilent(call: LiveCall, nowMs: EpochMs): AccountStreamEvent {
  if (call.progress.phase !== 'answered')
    return failed(call, call.hangUp?.reason === 'ring_timeout' ? 'no_answer' : 'carrier_unknown', nowMs);
  return completed(call, 'carrier_unknown', 'platform', durationMs(0), nowMs);
}

/** What one decision can spend: later extensions see what earlier ones have taken. Lives for one decision. */
class SpendingBudget {
  readonly #available: Record<Mode, Micros>;
  readonly #used = new Map<KeyId, Usage>();
  /** What the account has spent. */
  readonly #spend: Record<Mode, DailySpend>;
  readonly #day: (RecordedDay & { readonly spendDay: LocalDay }) | null;

  constructor(
    private readonly state: AccountState,
    { nowMs, calendar }: FireTimers,
  ) {
    const { days, books, modes } = state;
    this.#day = days === null ? null : dayOn(days, calendar, nowMs);
    this.#available = { live: books.live.availableMicros, test: books.test.availableMicros };
    this.#spend = { live: modes.live.spend, test: modes.test.spend };
  }

  extend(call: LiveCall, nowMs: EpochMs): CallExtended | undefined {
    const { callId, legId, mode, authority } = call;
    const line = useLine(this.state.keys, authority.keyId);
    if (line.length === 0 || this.#day === null) return undefined;
    const { localDay, zoneData, spendDay } = this.#day;
    const used = line.map(({ key, used }) => ({ bounds: key.policy, usage: this.#used.get(key.keyId) ?? used[mode] }));
    const allowance = allowanceOf(used, spendDay);
    const available = notNegative(budgetOf(allowance, this.#available[mode]));
    const budget = addMicros(
      call.reservedMicros,
      minMicros(available, this.#leftToAccount(call, spendDay) ?? available),
    );
    const moreMs = Math.min(authorisationStepMs, allowance.talkMs?.left ?? authorisationStepMs);
    const wishedMs = durationMs(Math.min(call.authorisedForMs + moreMs, callMsMax));
    const authorisedForMs = affordableMs(call.rate, budget, wishedMs);
    if (authorisedForMs === undefined || authorisedForMs <= call.authorisedForMs) return undefined;
    const reservedMicros = priceOf(call.rate, authorisedForMs);
    const addedMicros = subtractMicros(reservedMicros, call.reservedMicros);
    const talkMs = durationMs(authorisedForMs - call.authorisedForMs);
    this.#take(line, mode, { day: spendDay, amountMicros: addedMicros, talkMs });
    return {
      type: 'CallExtended',
      callId,
      legId,
      keyId: authority.keyId,
      mode,
      authorisedForMs,
      addedMicros,
      reservedMicros,
      localDay,
      zoneData,
      extendedAtMs: nowMs,
    };
  }

  /** What the account was limited to after the call was placed does not cut it. null: no limit. */
  #leftToAccount({ mode, accountSpendMicrosMax }: LiveCall, day: LocalDay): Micros | null {
    const { limits } = this.state.modes[mode];
    return leftToSpend(looserBound(accountSpendMicrosMax, limits.dailySpendMicrosMax), this.#spend[mode], day);
  }

  #take(line: KeyLine<KeyUsage>, mode: Mode, reservation: Reservation): void {
    this.#available[mode] = subtractMicros(this.#available[mode], reservation.amountMicros);
    this.#spend[mode] = afterReservation(this.#spend[mode], reservation.day, reservation.amountMicros);
    for (const { key, used } of line) {
      const usage = this.#used.get(key.keyId) ?? used[mode];
      this.#used.set(key.keyId, afterReserving(usage, reservation));
    }
  }
}

function dayOn(days: AccountDays, calendar: Calendar, nowMs: EpochMs): RecordedDay & { readonly spendDay: LocalDay } {
  const localDay = today(days, calendar, nowMs);
  return { localDay, zoneData: calendar.version, spendDay: allowanceDay(days, localDay) };
}

function notNegative(amount: bigint): Micros {
  return amount > 0n ? micros(amount) : zeroMicros;
}
