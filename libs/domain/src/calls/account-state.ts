import type { AccountId, CallId, KeyId, LegId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs, LocalDay, Micros } from '@ringfence/kernel/units';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { AccountStanding } from '../accounts/account.decider.js';
import { emptyBook, type Book } from '../billing/ledger/book.js';
import type { DailySpend } from '../limits/daily-spend.js';
import type { Gcra } from '../limits/gcra.js';
import type { KeyState } from '../keys/key-state.js';
import type { AttemptId, Authority, Mode } from '../platform/values.js';
import type { HangUpReason, RateQuote } from './call.events.js';
import type { CallRefusalCode } from './call-refusals.js';

/** A key with what its limits have used. */
export type KeyUse = {
  readonly key: Exclude<KeyState, { status: 'unissued' }>;
  readonly gcra: Gcra;
  /** Calls that are not over. */
  readonly lines: number;
  readonly spend: DailySpend;
};

export type CallProgress =
  | { readonly phase: 'initiated' }
  | { readonly phase: 'ringing' }
  | { readonly phase: 'answered'; readonly answeredAtMs: EpochMs };

/** A call that is not over. */
export type LiveCall = {
  readonly callId: CallId;
  readonly legId: LegId;
  readonly attemptId: AttemptId;
  readonly authority: Authority;
  readonly mode: Mode;
  readonly project: string;
  readonly application: string;
  readonly rate: RateQuote;
  readonly reservedMicros: Micros;
  readonly authorisedForMs: DurationMs;
  readonly ringTimeoutMs: DurationMs;
  readonly placedAtMs: EpochMs;
  /** The day that its last reservation counts for. */
  readonly spendDay: LocalDay;
  readonly progress: CallProgress;
  readonly hangUp: { readonly reason: HangUpReason; readonly requestedAtMs: EpochMs } | null;
};

/** Refusals of one key and reason in one second: the first stands in the log, the others are counted here. */
export type RefusalCount = {
  readonly keyId: KeyId;
  readonly mode: Mode;
  readonly code: CallRefusalCode;
  readonly secondStartMs: EpochMs;
  readonly uncounted: number;
};

/** Everything decisions about one account read. Never changed in place. */
export type AccountState = {
  readonly standing: AccountStanding;
  readonly books: Readonly<Record<Mode, Book>>;
  readonly keys: ImmutableMap<KeyId, KeyUse>;
  readonly calls: ImmutableMap<CallId, LiveCall>;
  /** Calls that ended lately, in two generations: a late signal for one is told apart from one for a call that never was. */
  readonly ended: { readonly young: ImmutableSet<CallId>; readonly old: ImmutableSet<CallId> };
  readonly refusals: ImmutableMap<string, RefusalCount>;
  /** No timer of this account is due before this; null: none is set. */
  readonly dueMs: EpochMs | null;
};

export const endedGenerationMax = 4_096;

export const unopenedAccount: AccountState = {
  standing: { status: 'unopened' },
  books: { live: emptyBook, test: emptyBook },
  keys: ImmutableMap(),
  calls: ImmutableMap(),
  ended: { young: ImmutableSet(), old: ImmutableSet() },
  refusals: ImmutableMap(),
  dueMs: null,
};

export function hasEnded(state: AccountState, callId: CallId): boolean {
  return state.ended.young.has(callId) || state.ended.old.has(callId);
}

export function refusalKey(keyId: KeyId, code: CallRefusalCode): string {
  return `${keyId}/${code}`;
}

export function accountIdOf(state: AccountState): AccountId | undefined {
  return state.standing.status === 'unopened' ? undefined : state.standing.accountId;
}
