import type { CallId, KeyId, SubjectId } from '@ringfence/kernel/ids';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { AccountStanding } from '../../accounts/account-standing.js';
import { emptyBook, type Book } from '../../billing/ledger/book.js';
import type { LiveCall } from '../../calls/live-call.js';
import type { RefusedCallSums } from '../../calls/refused-calls.js';
import type { KeyUsages } from '../../keys/key-usage.js';
import type { AccountDays } from '../../limits/account-days.js';
import { restedMode, type ModeUse } from '../../limits/mode-use.js';
import type { TurnedAwaySums } from '../../rejections/rejected-commands.js';
import type { Generations } from '../../shared/generations.js';
import type { Mode } from '../../shared/values.js';
import { emptyDueQueue, type DueQueue } from './due-queue.js';

/** Everything decisions about one account read. Never changed in place. */
export type AccountState = {
  readonly standing: AccountStanding;
  /** null: it was not opened yet. */
  readonly days: AccountDays | null;
  readonly books: Readonly<Record<Mode, Book>>;
  readonly modes: Readonly<Record<Mode, ModeUse>>;
  readonly keys: KeyUsages;
  readonly calls: ImmutableMap<CallId, LiveCall>;
  /** Calls that ended lately, in two generations: a late signal for one is told apart from one for a call that never was. */
  readonly ended: Generations<CallId>;
  /** Subjects erased lately: two who ask for one erasure at the same time lead to one event. */
  readonly erased: Generations<SubjectId>;
  /** Calls refused. */
  readonly refusals: RefusedCallSums;
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
