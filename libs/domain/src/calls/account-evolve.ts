import type { CallId, KeyId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, zeroMicros, type EpochMs, type Micros } from '@ringfence/kernel/units';
import { Set as ImmutableSet } from 'immutable';
import { accountDecider } from '../accounts/account.decider.js';
import type { AccountEvent } from '../accounts/account.events.js';
import { credited, reserved, settled, type Book } from '../billing/ledger/book.js';
import { evolveKey, unissuedKey } from '../keys/key-state.js';
import type { KeyEvent } from '../keys/key.events.js';
import { afterRelease, afterReservation } from '../limits/daily-spend.js';
import { afterCall, restedGcra, withRate } from '../limits/gcra.js';
import type { Mode } from '../platform/values.js';
import { endedGenerationMax, refusalKey, type AccountState, type KeyUse, type LiveCall } from './account-state.js';
import type { CallCompleted, CallEvent, CallExtended, CallFailed, CallPlaced } from './call.events.js';
import { dueOfCall } from './call-timers.js';

export type AccountStreamEvent = AccountEvent | KeyEvent | CallEvent;

/** Total: it never refuses, for history has already happened. */
export function evolveAccount(state: AccountState, event: AccountStreamEvent): AccountState {
  switch (event.type) {
    case 'CreditAdded':
      return withBook(state, event.mode, (book) => credited(book, event.amountMicros));
    case 'AccountSuspended':
      return dueBy({ ...state, standing: accountDecider.evolve(state.standing, event) }, event.suspendedAtMs);
    case 'AccountOpened':
    case 'AccountVerified':
    case 'SubjectErased':
      return { ...state, standing: accountDecider.evolve(state.standing, event) };
    case 'KeyIssued':
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
      return withCall(state, event.callId, (call) => ({
        ...call,
        hangUp: { reason: event.reason, requestedAtMs: event.requestedAtMs },
      }));
    case 'CallCompleted':
      return over(state, event, event.chargedMicros);
    case 'CallFailed':
      return over(state, event, null);
    case 'CallRefused': {
      const { presentedKeyId: keyId, mode, code, refusedAtMs } = event;
      const count = { keyId, mode, code, secondStartMs: secondOf(refusedAtMs), uncounted: 0 };
      return { ...state, refusals: state.refusals.set(refusalKey(keyId, code), count) };
    }
    case 'CallRefusalsCounted': {
      const name = refusalKey(event.presentedKeyId, event.code);
      const count = state.refusals.get(name);
      if (count?.secondStartMs !== event.secondStartMs) return state;
      return { ...state, refusals: state.refusals.set(name, { ...count, uncounted: 0 }) };
    }
  }
}

/** The whole second that a moment falls in. */
export function secondOf(moment: EpochMs): EpochMs {
  return (moment - (moment % 1_000)) as EpochMs;
}

/** Moves the due moment forward if need be; it may be too early, never too late. */
export function dueBy(state: AccountState, moment: EpochMs | null): AccountState {
  if (moment === null || (state.dueMs !== null && state.dueMs <= moment)) return state;
  return { ...state, dueMs: moment };
}

function evolveKeyUse(state: AccountState, event: KeyEvent): AccountState {
  const known = state.keys.get(event.keyId);
  const key = evolveKey(known?.key ?? unissuedKey, event);
  if (key.status === 'unissued') return state;
  const { callsPerSecond, burstCalls } = key.policy;
  const use: KeyUse =
    known === undefined
      ? { key, gcra: restedGcra(callsPerSecond, burstCalls), lines: 0, spend: null }
      : {
          ...known,
          key,
          gcra: event.type === 'KeyPolicyChanged' ? withRate(known.gcra, callsPerSecond, burstCalls) : known.gcra,
        };
  const next = { ...state, keys: state.keys.set(event.keyId, use) };
  if (event.type === 'KeyRotated') return dueBy(next, event.overlapUntilMs);
  return event.type === 'KeyRevoked' && event.onRevoke === 'hangup' ? dueBy(next, event.revokedAtMs) : next;
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
    progress: { phase: 'initiated' },
    hangUp: null,
  };
  const counted = withUse(state, event.keyId, (known) => ({
    ...known,
    gcra: afterCall(known.gcra, placedAtMs),
    lines: known.lines + 1,
    spend: afterReservation(known.spend, event.localDay, reservedMicros),
  }));
  const booked = withBook(counted, mode, (book) => reserved(book, reservedMicros));
  return dueBy({ ...booked, calls: booked.calls.set(callId, call) }, dueOfCall(call));
}

function extended(state: AccountState, event: CallExtended): AccountState {
  const longer = withCall(state, event.callId, (call) => ({
    ...call,
    authorisedForMs: event.authorisedForMs,
    reservedMicros: event.reservedMicros,
    spendDay: event.localDay,
  }));
  const counted = withUse(longer, event.keyId, (known) => ({
    ...known,
    spend: afterReservation(known.spend, event.localDay, event.addedMicros),
  }));
  return withBook(counted, event.mode, (book) => reserved(book, event.addedMicros));
}

function over(state: AccountState, event: CallCompleted | CallFailed, chargedMicros: Micros | null): AccountState {
  const call = state.calls.get(event.callId);
  if (call === undefined) return state;
  const charged = chargedMicros ?? zeroMicros;
  const freed = withUse(state, event.keyId, (known) => ({
    ...known,
    lines: known.lines - 1,
    spend: afterRelease(known.spend, event.localDay, event.releasedMicros),
  }));
  const booked = withBook(freed, event.mode, (book) => settled(book, charged, event.releasedMicros));
  return { ...booked, calls: booked.calls.delete(event.callId), ended: remembered(booked.ended, event.callId) };
}

function remembered(ended: AccountState['ended'], callId: CallId): AccountState['ended'] {
  if (ended.young.size < endedGenerationMax) return { young: ended.young.add(callId), old: ended.old };
  return { young: ImmutableSet<CallId>().add(callId), old: ended.young };
}

function withBook(state: AccountState, mode: Mode, change: (book: Book) => Book): AccountState {
  return { ...state, books: { ...state.books, [mode]: change(state.books[mode]) } };
}

function withUse(state: AccountState, keyId: KeyId, change: (use: KeyUse) => KeyUse): AccountState {
  const use = state.keys.get(keyId);
  return use === undefined ? state : { ...state, keys: state.keys.set(keyId, change(use)) };
}

function withCall(state: AccountState, callId: CallId, change: (call: LiveCall) => LiveCall): AccountState {
  const call = state.calls.get(callId);
  if (call === undefined) return state;
  const next = change(call);
  return dueBy({ ...state, calls: state.calls.set(callId, next) }, dueOfCall(next));
}

export const refusalsDue = (secondStartMs: EpochMs): EpochMs => addDuration(secondStartMs, durationMs(1_000));
