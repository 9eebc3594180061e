import type { CallId, KeyId } from '@ringfence/kernel/ids';
import {
  addMicros,
  durationMs,
  minMicros,
  zeroMicros,
  type DurationMs,
  type LocalDay,
  type Micros,
} from '@ringfence/kernel/units';
import { Set as ImmutableSet } from 'immutable';
import { accountDecider } from '../../accounts/account.decider.js';
import type { AccountEvent, AccountLimitsSet } from '../../accounts/account.events.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import { opened, flushed } from '../../rejections/refusal-aggregation.js';
import { type CallRefusalKey } from '../../calls/refused-calls.js';
import { evolveTurnedAway } from '../../rejections/rejected-commands.js';
import { credited, reserved, settled, type Book } from '../../billing/ledger/book.js';
import { evolveKey, unissuedKey } from '../../keys/key-state.js';
import type { KeyEvent } from '../../keys/key.events.js';
import type { KeyPolicy } from '../../keys/key-policy.js';
import {
  type AccountDays,
  afterCallOf,
  afterZoneChange,
  allowanceDay,
  daysOfOpened,
} from '../../limits/account-days.js';
import { afterRelease, afterReservation } from '../../limits/daily-spend.js';
import { afterCall, withRate } from '../../limits/gcra.js';
import { afterEnding, afterPlacing, afterReserving, restedUsage, usageAtRate, type Usage } from '../../limits/usage.js';
import type { Mode } from '../../shared/values.js';
import { type AccountState } from './account-state.js';
import { isBusy, useLine, type KeyUsage } from '../../keys/key-usage.js';
import { remembered } from '../../shared/generations.js';
import { type LiveCall } from '../../calls/live-call.js';
import { type ModeUse } from '../../limits/mode-use.js';
import { plan, withOwedHangUps, withoutStaleTimers } from './account-timers.js';
import type {
  CallCompleted,
  CallEvent,
  CallExtended,
  CallFailed,
  CallHangUpRequested,
  CallPlaced,
  CallRefusalsCounted,
  CallRefused,
} from '../../calls/call.events.js';
import { dueOfCall } from '../../calls/call-timers.js';

export type AccountStreamEvent = AccountEvent | KeyEvent | CallEvent | RejectionEvent;

/** Total: it never refuses, for history has already happened. */
export function evolveAccount(state: AccountState, event: AccountStreamEvent): AccountState {
  return withoutStaleTimers(evolveOne(state, event));
}

function evolveOne(state: AccountState, event: AccountStreamEvent): AccountState {
  switch (event.type) {
    case 'CreditAdded':
      return withBook(state, event.mode, (book) => credited(book, event.amountMicros));
    case 'AccountSuspended':
      return plan({ ...state, standing: accountDecider.evolve(state.standing, event) }, event.suspendedAtMs, {
        kind: 'suspended',
      });
    case 'SubjectErased':
      return { ...state, erased: remembered(state.erased, event.subjectId) };
    case 'AccountLimitsSet':
      return limited(state, event);
    case 'AccountOpened': {
      const days = daysOfOpened(event.timeZone, event.openedAtMs);
      return { ...state, days, standing: accountDecider.evolve(state.standing, event) };
    }
    case 'AccountTimeZoneChanged':
      return withDays(state, (days) => afterZoneChange(days, event, event.changedAtMs));
    case 'AccountVerified':
    case 'AccountResumed':
      return { ...state, standing: accountDecider.evolve(state.standing, event) };
    case 'KeyIssued':
    case 'SigningKeyRegistered':
    case 'KeyRotated':
    case 'KeyPolicyChanged':
    case 'KeyRevoked':
    case 'KeyOverlapEnded':
      return evolveKeyUse(state, event);
    case 'CallPlaced':
      return placed(state, event);
    case 'CallRinging':
      return withCall(state, event.callId, (call) => ({ ...call, progress: { phase: 'ringing' } }));
    case 'CallAnswered':
      return withCall(state, event.callId, (call) => ({
        ...call,
        progress: { phase: 'answered', answeredAtMs: event.answeredAtMs },
      }));
    case 'CallExtended':
      return extended(state, event);
    case 'CallHangUpRequested':
      return hangUpRequested(state, event);
    case 'CallCompleted':
      return callEnded(state, event, { chargedMicros: event.chargedMicros, talkTimeMs: event.talkTimeMs });
    case 'CallFailed':
      return callEnded(state, event, { chargedMicros: zeroMicros, talkTimeMs: durationMs(0) });
    case 'CallRefused':
      return { ...state, refusals: opened(state.refusals, alikeIn(event), event.refusedAtMs) };
    case 'CallRefusalsCounted':
      return { ...state, refusals: flushed(state.refusals, alikeIn(event), event.secondStartMs) };
    case 'CommandTurnedAway':
    case 'CommandsTurnedAwayCounted':
      return { ...state, turnedAway: evolveTurnedAway(state.turnedAway, event) };
  }
}

function alikeIn(event: CallRefused | CallRefusalsCounted): CallRefusalKey {
  const { presentedKeyId: keyId, mode, code, localDay, zoneData } = event;
  return { keyId, mode, code, localDay, zoneData };
}

function evolveKeyUse(state: AccountState, event: KeyEvent): AccountState {
  const known = state.keys.get(event.keyId);
  const key = evolveKey(known?.key ?? unissuedKey, event);
  if (key.status === 'unissued') return state;
  const { callsPerSecond, burstCalls } = key.policy;
  const next = { ...state, keys: state.keys.set(event.keyId, { ...(known ?? unused(key.policy)), key }) };
  switch (event.type) {
    case 'KeyRotated':
      return plan(next, event.overlapUntilMs, { kind: 'overlap', keyId: event.keyId });
    case 'KeyRevoked':
      return withOwedHangUps(next, event.keyId);
    case 'KeyPolicyChanged': {
      const atRate = (usage: Usage) => usageAtRate(usage, callsPerSecond, burstCalls);
      const changed = withUse(next, event.keyId, (use) => ({
        ...use,
        used: { live: atRate(use.used.live), test: atRate(use.used.test) },
      }));
      return withOwedHangUps(changed, event.keyId);
    }
    default:
      return next;
  }
}

function unused({ callsPerSecond, burstCalls }: KeyPolicy): Omit<KeyUsage, 'key'> {
  const rested = restedUsage(callsPerSecond, burstCalls);
  return { used: { live: rested, test: rested }, going: ImmutableSet(), busyChildren: ImmutableSet() };
}

function placed(state: AccountState, event: CallPlaced): AccountState {
  const {
    callId,
    legId,
    attemptId,
    mode,
    project,
    application,
    rate,
    reservedMicros,
    authorisedForMs,
    ringTimeoutMs,
    placedAtMs,
    localDay,
    zoneData,
  } = event;
  const use = state.keys.get(event.keyId);
  const spendDay = spendDayOf(state, localDay);
  const call: LiveCall = {
    callId,
    legId,
    attemptId,
    authority: { keyId: event.keyId, keyVersion: use?.key.keyVersion ?? 0, policyHash: use?.key.policyHash ?? '' },
    mode,
    project,
    application,
    rate,
    reservedMicros,
    authorisedForMs,
    ringTimeoutMs,
    placedAtMs,
    day: { localDay, zoneData },
    spendDay,
    reservedOnDayMicros: reservedMicros,
    accountSpendMicrosMax: state.modes[mode].limits.dailySpendMicrosMax,
    progress: { phase: 'initiated' },
    hangUp: null,
    retryAtMs: null,
  };
  const reservation = { day: spendDay, amountMicros: reservedMicros, talkMs: authorisedForMs };
  const used = withLine(withCallOn(state, localDay), event.keyId, mode, (usage) =>
    afterPlacing(usage, reservation, placedAtMs),
  );
  const counted = withUse(used, event.keyId, (known) => ({ ...known, going: known.going.add(callId) }));
  const moded = withMode(counted, mode, (use) => ({
    ...use,
    gcra: afterCall(use.gcra, placedAtMs),
    lines: use.lines + 1,
    going: use.going + 1,
    spend: afterReservation(use.spend, spendDay, reservedMicros),
  }));
  const booked = withBook(moded, mode, (book) => reserved(book, reservedMicros));
  return plan({ ...booked, calls: booked.calls.set(callId, call) }, dueOfCall(call), { kind: 'call', callId });
}

function extended(state: AccountState, event: CallExtended): AccountState {
  const before = state.calls.get(event.callId)?.authorisedForMs ?? event.authorisedForMs;
  const { localDay, zoneData } = event;
  const spendDay = spendDayOf(state, localDay);
  const longer = withCall(withCallOn(state, localDay), event.callId, (call) => ({
    ...call,
    authorisedForMs: event.authorisedForMs,
    reservedMicros: event.reservedMicros,
    day: { localDay, zoneData },
    spendDay,
    reservedOnDayMicros:
      call.spendDay === spendDay ? addMicros(call.reservedOnDayMicros, event.addedMicros) : event.addedMicros,
    retryAtMs: null,
  }));
  const talkMs = durationMs(Math.max(0, event.authorisedForMs - before));
  const counted = withLine(longer, event.keyId, event.mode, (usage) =>
    afterReserving(usage, { day: spendDay, amountMicros: event.addedMicros, talkMs }),
  );
  const moded = withMode(counted, event.mode, (use) => ({
    ...use,
    spend: afterReservation(use.spend, spendDay, event.addedMicros),
  }));
  return withBook(moded, event.mode, (book) => reserved(book, event.addedMicros));
}

function hangUpRequested(state: AccountState, event: CallHangUpRequested): AccountState {
  const { callId, reason, requestedAtMs } = event;
  const call = state.calls.get(callId);
  if (call === undefined) return state;
  const stopping = call.hangUp === null ? markEnding(state, call) : state;
  return withCall(stopping, callId, (known) => ({ ...known, hangUp: { reason, requestedAtMs } }));
}

function markEnding(state: AccountState, { callId, mode, authority }: LiveCall): AccountState {
  const stopping = withUse(state, authority.keyId, (use) => ({ ...use, going: use.going.delete(callId) }));
  return withMode(stopping, mode, (use) => ({ ...use, going: use.going - 1 }));
}

type Taken = { readonly chargedMicros: Micros; readonly talkTimeMs: DurationMs };

function callEnded(
  state: AccountState,
  event: CallCompleted | CallFailed,
  { chargedMicros, talkTimeMs }: Taken,
): AccountState {
  const call = state.calls.get(event.callId);
  if (call === undefined) return state;
  const stopped = call.hangUp === null ? markEnding(state, call) : state;
  const release = {
    day: call.spendDay,
    onDayMicros: minMicros(event.releasedMicros, call.reservedOnDayMicros),
    amountMicros: event.releasedMicros,
    talkMs: durationMs(Math.max(0, call.authorisedForMs - talkTimeMs)),
  };
  const freed = withLine(stopped, event.keyId, event.mode, (usage) => afterEnding(usage, release));
  const moded = withMode(freed, event.mode, (use) => ({
    ...use,
    lines: use.lines - 1,
    spend: afterRelease(use.spend, release.day, release.onDayMicros),
  }));
  const booked = withBook(moded, event.mode, (book) => settled(book, chargedMicros, event.releasedMicros));
  return { ...booked, calls: booked.calls.delete(event.callId), ended: remembered(booked.ended, event.callId) };
}

/** A rate that changes keeps the debt in time; what is in use stays in use. */
function limited(state: AccountState, { mode, limits, approved }: AccountLimitsSet): AccountState {
  const { callsPerSecond, burstCalls } = limits;
  return withMode(state, mode, (use) => ({
    ...use,
    limits,
    approved,
    gcra: withRate(use.gcra, callsPerSecond, burstCalls),
  }));
}

function spendDayOf({ days }: AccountState, day: LocalDay): LocalDay {
  return days === null ? day : allowanceDay(days, day);
}

function withCallOn(state: AccountState, day: LocalDay): AccountState {
  return withDays(state, (days) => afterCallOf(days, day));
}

function withDays(state: AccountState, change: (days: AccountDays) => AccountDays): AccountState {
  return state.days === null ? state : { ...state, days: change(state.days) };
}

function withBook(state: AccountState, mode: Mode, change: (book: Book) => Book): AccountState {
  return { ...state, books: { ...state.books, [mode]: change(state.books[mode]) } };
}

function withMode(state: AccountState, mode: Mode, change: (use: ModeUse) => ModeUse): AccountState {
  return { ...state, modes: { ...state.modes, [mode]: change(state.modes[mode]) } };
}

/** What a call uses counts for its key and for each of that key's ancestors. */
function withLine(state: AccountState, keyId: KeyId, mode: Mode, change: (usage: Usage) => Usage): AccountState {
  let { keys } = state;
  let below: KeyUsage | undefined;
  for (const use of useLine(keys, keyId)) {
    const busyChildren =
      below === undefined
        ? use.busyChildren
        : isBusy(below)
          ? use.busyChildren.add(below.key.keyId)
          : use.busyChildren.delete(below.key.keyId);
    below = { ...use, busyChildren, used: { ...use.used, [mode]: change(use.used[mode]) } };
    keys = keys.set(use.key.keyId, below);
  }
  return { ...state, keys };
}

function withUse(state: AccountState, keyId: KeyId, change: (use: KeyUsage) => KeyUsage): AccountState {
  const use = state.keys.get(keyId);
  return use === undefined ? state : { ...state, keys: state.keys.set(keyId, change(use)) };
}

function withCall(state: AccountState, callId: CallId, change: (call: LiveCall) => LiveCall): AccountState {
  const call = state.calls.get(callId);
  if (call === undefined) return state;
  const next = change(call);
  const changed = { ...state, calls: state.calls.set(callId, next) };
  const dueMs = dueOfCall(next);
  return dueMs === dueOfCall(call) ? changed : plan(changed, dueMs, { kind: 'call', callId });
}
