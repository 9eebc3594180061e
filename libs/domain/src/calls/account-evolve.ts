import type { CallId, KeyId } from '@ringfence/kernel/ids';
import { addMicros, minMicros, zeroMicros, type Micros } from '@ringfence/kernel/units';
import { Set as ImmutableSet } from 'immutable';
import { accountDecider } from '../accounts/account.decider.js';
import type { AccountEvent } from '../accounts/account.events.js';
import type { AuditEvent } from '../audit/audit.events.js';
import { withFirst, withoutCounted, type CallsAlike } from '../audit/refusal-sums.js';
import { evolveTurnedAway } from '../audit/turned-away.js';
import { credited, reserved, settled, type Book } from '../billing/ledger/book.js';
import { evolveKey, unissuedKey } from '../keys/key-state.js';
import type { KeyEvent } from '../keys/key.events.js';
import { afterRelease, afterReservation } from '../limits/daily-spend.js';
import { afterCall, restedGcra, withRate } from '../limits/gcra.js';
import type { Mode } from '../platform/values.js';
import { remembered, type AccountState, type KeyUse, type LiveCall, type ModeUse } from './account-state.js';
import { plan, withoutStaleTimers } from './account-timers.js';
import type {
  CallCompleted,
  CallEvent,
  CallExtended,
  CallFailed,
  CallHangUpRequested,
  CallPlaced,
  CallRefusalsCounted,
  CallRefused,
} from './call.events.js';
import { dueOfCall } from './call-timers.js';

export type AccountStreamEvent = AccountEvent | KeyEvent | CallEvent | AuditEvent;

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
    case 'AccountOpened':
    case 'AccountVerified':
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
      return over(state, event, event.chargedMicros);
    case 'CallFailed':
      return over(state, event, null);
    case 'CallRefused':
      return { ...state, refusals: withFirst(state.refusals, alikeIn(event), event.refusedAtMs) };
    case 'CallRefusalsCounted':
      return { ...state, refusals: withoutCounted(state.refusals, alikeIn(event), event.secondStartMs) };
    case 'CommandTurnedAway':
    case 'CommandsTurnedAwayCounted':
      return { ...state, turnedAway: evolveTurnedAway(state.turnedAway, event) };
  }
}

function alikeIn({ presentedKeyId: keyId, mode, code }: CallRefused | CallRefusalsCounted): CallsAlike {
  return { keyId, mode, code };
}

function evolveKeyUse(state: AccountState, event: KeyEvent): AccountState {
  const known = state.keys.get(event.keyId);
  const key = evolveKey(known?.key ?? unissuedKey, event);
  if (key.status === 'unissued') return state;
  const { callsPerSecond, burstCalls } = key.policy;
  const use: KeyUse =
    known === undefined
      ? { key, gcra: restedGcra(callsPerSecond, burstCalls), lines: 0, going: ImmutableSet(), spend: null }
      : {
          ...known,
          key,
          gcra: event.type === 'KeyPolicyChanged' ? withRate(known.gcra, callsPerSecond, burstCalls) : known.gcra,
        };
  const next = { ...state, keys: state.keys.set(event.keyId, use) };
  if (event.type === 'KeyRotated') return plan(next, event.overlapUntilMs, { kind: 'overlap', keyId: event.keyId });
  if (event.type === 'KeyRevoked') return plan(next, event.revokedAtMs, { kind: 'revoked', keyId: event.keyId });
  return next;
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
  } = event;
  const use = state.keys.get(event.keyId);
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
    spendDay: event.localDay,
    reservedOnDayMicros: reservedMicros,
    progress: { phase: 'initiated' },
    hangUp: null,
    retryAtMs: null,
  };
  const counted = withUse(state, event.keyId, (known) => ({
    ...known,
    gcra: afterCall(known.gcra, placedAtMs),
    lines: known.lines + 1,
    going: known.going.add(callId),
    spend: afterReservation(known.spend, event.localDay, reservedMicros),
  }));
  const moded = withMode(counted, mode, ({ gcra, lines, going }) => ({
    gcra: afterCall(gcra, placedAtMs),
    lines: lines + 1,
    going: going + 1,
  }));
  const booked = withBook(moded, mode, (book) => reserved(book, reservedMicros));
  return plan({ ...booked, calls: booked.calls.set(callId, call) }, dueOfCall(call), { kind: 'call', callId });
}

function extended(state: AccountState, event: CallExtended): AccountState {
  const longer = withCall(state, event.callId, (call) => ({
    ...call,
    authorisedForMs: event.authorisedForMs,
    reservedMicros: event.reservedMicros,
    spendDay: event.localDay,
    reservedOnDayMicros:
      call.spendDay === event.localDay ? addMicros(call.reservedOnDayMicros, event.addedMicros) : event.addedMicros,
    retryAtMs: null,
  }));
  const counted = withUse(longer, event.keyId, (known) => ({
    ...known,
    spend: afterReservation(known.spend, event.localDay, event.addedMicros),
  }));
  return withBook(counted, event.mode, (book) => reserved(book, event.addedMicros));
}

function hangUpRequested(state: AccountState, event: CallHangUpRequested): AccountState {
  const { callId, reason, requestedAtMs } = event;
  const call = state.calls.get(callId);
  if (call === undefined) return state;
  const stopping = call.hangUp === null ? noLongerGoing(state, call) : state;
  return withCall(stopping, callId, (known) => ({ ...known, hangUp: { reason, requestedAtMs } }));
}

function noLongerGoing(state: AccountState, { callId, mode, authority }: LiveCall): AccountState {
  const stopping = withUse(state, authority.keyId, (use) => ({ ...use, going: use.going.delete(callId) }));
  return withMode(stopping, mode, (use) => ({ ...use, going: use.going - 1 }));
}

function over(state: AccountState, event: CallCompleted | CallFailed, chargedMicros: Micros | null): AccountState {
  const call = state.calls.get(event.callId);
  if (call === undefined) return state;
  const charged = chargedMicros ?? zeroMicros;
  const released = minMicros(event.releasedMicros, call.reservedOnDayMicros);
  const stopped = call.hangUp === null ? noLongerGoing(state, call) : state;
  const freed = withUse(stopped, event.keyId, (known) => ({
    ...known,
    lines: known.lines - 1,
    spend: afterRelease(known.spend, call.spendDay, released),
  }));
  const moded = withMode(freed, event.mode, (use) => ({ ...use, lines: use.lines - 1 }));
  const booked = withBook(moded, event.mode, (book) => settled(book, charged, event.releasedMicros));
  return { ...booked, calls: booked.calls.delete(event.callId), ended: remembered(booked.ended, event.callId) };
}

function withBook(state: AccountState, mode: Mode, change: (book: Book) => Book): AccountState {
  return { ...state, books: { ...state.books, [mode]: change(state.books[mode]) } };
}

function withMode(state: AccountState, mode: Mode, change: (use: ModeUse) => ModeUse): AccountState {
  return { ...state, modes: { ...state.modes, [mode]: change(state.modes[mode]) } };
}

function withUse(state: AccountState, keyId: KeyId, change: (use: KeyUse) => KeyUse): AccountState {
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
