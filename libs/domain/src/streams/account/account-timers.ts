import type { EpochMs } from '@ringfence/kernel/units';
import { elapsedFrom, latestElapsed, type StampedTime } from '../../shared/slow-stamps.js';
import { suspendedTimer } from './accounts.slice.js';
import type { AccountShares, AccountState } from './account-state.js';
import { callTimer, refusalsTimer } from './calls.slice.js';
import { emptyDueQueue, nextScheduled, withoutFirst, withPlanned, type DueQueue, type Scheduled } from './due-queue.js';
import { overlapTimer, revokedTimer } from './keys.slice.js';
import { rejectionTimer } from './rejections.slice.js';
import { type Timer, type TimerKind, timerName, type TimerName, type TimerOf } from './timer.js';

/** The kinds, in the order in which the timers of a state are derived. */
const kinds: { readonly [Kind in TimerName]: TimerKind<Kind> } = {
  suspended: suspendedTimer,
  call: callTimer,
  overlap: overlapTimer,
  revoked: revokedTimer,
  refusals: refusalsTimer,
  turned_away: rejectionTimer,
};

/**
 * Stale entries are removed when the queue holds more than this many times as many entries as the state has timers.
 */
const staleFactorMax = 4;
const staleEntriesAlways = 4_096;

/** The state after a change, with the timers that the change set or moved. */
export function withTimersSet(before: AccountState, after: AccountState, timers: Iterable<Timer>): AccountState {
  let planned = after;
  for (const timer of timers) {
    const dueMs = dueOf(after, timer);
    if (dueMs !== null && dueMs !== dueOf(before, timer))
      planned = plan(planned, { dueMs, name: timerName(timer), timer });
  }
  return planned;
}

/** The state with a valid first timer, or none, as `nextDueMs` requires. */
export function withoutStaleTimers(state: AccountState): AccountState {
  let { timers } = state;
  for (let first = nextScheduled(timers); first !== null && !holds(state, first); first = nextScheduled(timers)) {
    timers = withoutFirst(timers);
  }
  return timers === state.timers ? state : { ...state, timers };
}

/** The due timers, each once, earliest first. Does not change the state. */
export function* dueTimers(state: AccountState, time: StampedTime): Iterable<Timer> {
  const latestMs = latestElapsed(time);
  const seen = new Set<string>();
  for (let { timers } = state; ; timers = withoutFirst(timers)) {
    const first = nextScheduled(timers);
    if (first === null || first.dueMs > latestMs) return;
    if (seen.has(first.name) || !holds(state, first) || first.dueMs > momentReached(state, first.timer, time)) continue;
    seen.add(first.name);
    yield first.timer;
  }
}

/** All timers of a state, derived from its slices. */
export function timersOf(shares: AccountShares): DueQueue<Timer> {
  const state: AccountState = { ...shares, timers: emptyDueQueue };
  let queue: DueQueue<Timer> = emptyDueQueue;
  for (const kind of Object.values(kinds)) {
    for (const timer of kind.all(state)) {
      const dueMs = dueOf(state, timer);
      if (dueMs !== null) queue = withPlanned(queue, { dueMs, name: timerName(timer), timer });
    }
  }
  return queue;
}

function plan(state: AccountState, scheduled: Scheduled<Timer>): AccountState {
  const { calls, keys, refusals, rejections } = state;
  const subjects = calls.size + keys.size + refusals.size + rejections.size;
  const isFull = state.timers.size >= staleEntriesAlways + staleFactorMax * subjects;
  return { ...state, timers: isFull ? timersOf(state) : withPlanned(state.timers, scheduled) };
}

/** Says whether this entry agrees with the state. */
function holds(state: AccountState, { dueMs, timer }: Scheduled<Timer>): boolean {
  return dueOf(state, timer) === dueMs;
}

/** The moment that has been reached for a timer. */
function momentReached<Kind extends TimerName>(state: AccountState, timer: TimerOf<Kind>, time: StampedTime): EpochMs {
  const kind: TimerKind<Kind> = kinds[timer.kind];
  const sinceMs = kind.waitsSince?.(state, timer) ?? null;
  return sinceMs === null ? time.nowMs : elapsedFrom(sinceMs, time);
}

function dueOf<Kind extends TimerName>(state: AccountState, timer: TimerOf<Kind>): EpochMs | null {
  const kind: TimerKind<Kind> = kinds[timer.kind];
  return kind.dueMs(state, timer);
}
