import type { CallId, KeyId, LegId, SubjectId } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs, LocalDay, Micros } from '@ringfence/kernel/units';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { AccountStanding } from '../../accounts/account.decider.js';
import type { CallRefusalKey, RefusalSums } from '../../rejections/refusal-aggregation.js';
import type { TurnedAwaySums } from '../../rejections/rejected-commands.js';
import { emptyBook, type Book } from '../../billing/ledger/book.js';
import type { DailySpend } from '../../limits/daily-spend.js';
import type { AccountDays } from '../../limits/account-days.js';
import type { RecordedDay } from '../../limits/calendar.js';
import { type AccountLimits, platformLimits } from '../../limits/account-limits.js';
import { restedGcra, type Gcra } from '../../limits/gcra.js';
import type { Usage } from '../../limits/usage.js';
import { keyLine, type KeyLine } from '../../keys/key-line.js';
import type { KnownKey } from '../../keys/key-state.js';
import type { AttemptId, Authority, Mode } from '../../shared/values.js';
import type { HangUpReason, RateQuote } from '../../calls/call.events.js';
import { emptyDueQueue, type DueQueue } from './due-queue.js';

/** A key with what its limits have used. */
export type KeyUsage = {
  readonly key: KnownKey;
  /** What it and the keys below it have used. The modes are counted apart: a test key below a live one takes nothing live. */
  readonly used: Readonly<Record<Mode, Usage>>;
  /** Its own calls that are not over and that nobody asked to end. */
  readonly going: ImmutableSet<CallId>;
  /** Its children whose lines, or those of keys below them, are in use. */
  readonly busyChildren: ImmutableSet<KeyId>;
};

/** What all keys of one mode use together. */
export type ModeUse = {
  readonly limits: AccountLimits;
  /** The most that the account's own keys may set them to. */
  readonly approved: AccountLimits;
  readonly gcra: Gcra;
  readonly lines: number;
  /** Calls that nobody asked to end. */
  readonly going: number;
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
  /** The day of its last reservation. */
  readonly day: RecordedDay;
  /** The day whose allowance that counts against, and what of `reservedMicros` was reserved against it. */
  readonly spendDay: LocalDay;
  readonly reservedOnDayMicros: Micros;
  /** The account's limit of daily spend when it was placed; null: none. A lower one that is set later does not cut it. */
  readonly accountSpendMicrosMax: Micros | null;
  readonly progress: CallProgress;
  readonly hangUp: { readonly reason: HangUpReason; readonly requestedAtMs: EpochMs } | null;
  /** An extension could not be paid for and is tried again then; null: none was missed. */
  readonly retryAtMs: EpochMs | null;
};

/** Everything decisions about one account read. Never changed in place. */
export type AccountState = {
  readonly standing: AccountStanding;
  /** null: it was not opened yet. */
  readonly days: AccountDays | null;
  readonly books: Readonly<Record<Mode, Book>>;
  readonly modes: Readonly<Record<Mode, ModeUse>>;
  readonly keys: ImmutableMap<KeyId, KeyUsage>;
  readonly calls: ImmutableMap<CallId, LiveCall>;
  /** Calls that ended lately, in two generations: a late signal for one is told apart from one for a call that never was. */
  readonly ended: Generations<CallId>;
  /** Subjects erased lately: two who ask for one erasure at the same time lead to one event. */
  readonly erased: Generations<SubjectId>;
  /** Calls refused. */
  readonly refusals: RefusalSums<CallRefusalKey>;
  readonly turnedAway: TurnedAwaySums;
  /** Everything that time will do. Entries that no longer hold may lie further back, its first always holds. Derived: no snapshot has it. */
  readonly timers: DueQueue<Timer>;
};

/** What a moment is planned for: something of one call, the end of a rotation's overlap, a count of refusals, hang-ups still owed. */
export type Timer =
  | { readonly kind: 'call'; readonly callId: CallId }
  | { readonly kind: 'overlap'; readonly keyId: KeyId }
  | { readonly kind: 'refusals' | 'turned_away'; readonly name: string }
  | { readonly kind: 'revoked'; readonly keyId: KeyId }
  | { readonly kind: 'suspended' };

/** What came lately, in two generations: when the young one is full it becomes the old one, and the old one is forgotten. */
export type Generations<Id> = { readonly young: ImmutableSet<Id>; readonly old: ImmutableSet<Id> };
export const generationMax = 4_096;

export function remembered<Id>({ young, old }: Generations<Id>, id: Id): Generations<Id> {
  if (young.size < generationMax) return { young: young.add(id), old };
  return { young: ImmutableSet<Id>().add(id), old: young };
}

export function remembers<Id>({ young, old }: Generations<Id>, id: Id): boolean {
  return young.has(id) || old.has(id);
}

const restedMode: ModeUse = {
  limits: platformLimits,
  approved: platformLimits,
  gcra: restedGcra(platformLimits.callsPerSecond, platformLimits.burstCalls),
  lines: 0,
  going: 0,
  spend: null,
};

export const unopenedAccount: AccountState = {
  standing: { status: 'unopened' },
  days: null,
  books: { live: emptyBook, test: emptyBook },
  modes: { live: restedMode, test: restedMode },
  keys: ImmutableMap(),
  calls: ImmutableMap(),
  ended: { young: ImmutableSet(), old: ImmutableSet() },
  erased: { young: ImmutableSet(), old: ImmutableSet() },
  refusals: ImmutableMap(),
  turnedAway: ImmutableMap(),
  timers: emptyDueQueue,
};

/** A key and its ancestors with what they have used, the key itself first; empty: it is not known. */
export function useLine(keys: AccountState['keys'], keyId: KeyId): KeyLine<KeyUsage> {
  return keyLine(
    keyId,
    (each) => keys.get(each),
    ({ key }) => key.parentKeyId,
  );
}

export function lineOf(keys: AccountState['keys'], keyId: KeyId): KeyLine {
  return useLine(keys, keyId).map(({ key }) => key);
}

export function isBusy({ used }: Pick<KeyUsage, 'used'>): boolean {
  return used.live.lines + used.test.lines > 0;
}
