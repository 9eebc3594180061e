import { refusalName, sumDueMs, incremented } from '../../rejections/refusal-aggregation.js';
import { type CallRefusalKey } from '../../calls/refused-calls.js';
import { aggregationKey, type TurnedAway } from '../../rejections/rejected-commands.js';
import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { hangsUp, hangUpsOwedSince } from '../../keys/key-line.js';
import { elapsedFrom, latestElapsed, type StampedTime } from '../../shared/slow-stamps.js';
import { type AccountState, type Timer } from './account-state.js';
import { lineOf, type KeyUsage } from '../../keys/key-usage.js';
import { dueOfCall, waitsSince } from '../../calls/call-timers.js';
import { emptyDueQueue, nextScheduled, withoutFirst, withPlanned, type DueQueue, type Scheduled } from './due-queue.js';

/** Entries that no longer hold are swept out when they are more than this many times as many as what they can be about. */
const staleFactorMax = 4;
const staleEntriesAlways = 4_096;

export function plan(state: AccountState, dueMs: EpochMs, about: Timer): AccountState {
  const most = staleEntriesAlways + staleFactorMax * aboutOf(state);
  const timers = state.timers.size < most ? withPlanned(state.timers, { dueMs, timer: about }) : timersOf(state);
  return { ...state, timers };
}

/** The state whose first timer holds, or that has none: what `nextDueMs` relies on. */
export function withoutStaleTimers(state: AccountState): AccountState {
  let { timers } = state;
  for (let first = nextScheduled(timers); first !== null && !holds(state, first); first = nextScheduled(timers)) {
    timers = withoutFirst(timers);
  }
  return timers === state.timers ? state : { ...state, timers };
}

/** The timers that are due, each once, earliest first; none of it changes the state. */
export function* dueTimers(state: AccountState, time: StampedTime): Iterable<Timer> {
  const latestMs = latestElapsed(time);
  const seen = new Set<string>();
  for (let { timers } = state; ; timers = withoutFirst(timers)) {
    const first = nextScheduled(timers);
    if (first === null || first.dueMs > latestMs) return;
    const name = JSON.stringify(first.timer);
    if (seen.has(name) || !holds(state, first) || first.dueMs > comeFor(state, first.timer, time)) continue;
    seen.add(name);
    yield first.timer;
  }
}

/** Whether this entry says what the state says. */
function holds(state: AccountState, { dueMs, timer: about }: Scheduled<Timer>): boolean {
  return momentOf(state, about) === dueMs;
}

/** What nobody waits for is due by the stamps alone, slow or not: the end of an overlap, the telling of a sum. */
function comeFor(state: AccountState, about: Timer, time: StampedTime): EpochMs {
  const call = about.kind === 'call' ? state.calls.get(about.callId) : undefined;
  return call === undefined ? time.nowMs : elapsedFrom(waitsSince(call), time);
}

function momentOf(state: AccountState, about: Timer): EpochMs | null {
  switch (about.kind) {
    case 'call': {
      const call = state.calls.get(about.callId);
      return call === undefined ? null : dueOfCall(call);
    }
    case 'overlap': {
      const key = state.keys.get(about.keyId)?.key;
      return key?.status === 'active' ? key.overlapUntilMs : null;
    }
    case 'refusals':
      return sumDueMs(state.refusals.get(about.name));
    case 'turned_away':
      return sumDueMs(state.turnedAway.get(about.name));
    case 'revoked': {
      const going = state.keys.get(about.keyId)?.going.size ?? 0;
      return going > 0 ? hangUpsOwedSince(lineOf(state.keys, about.keyId)) : null;
    }
    case 'suspended': {
      const { standing, modes } = state;
      return standing.status === 'suspended' && modes.live.going + modes.test.going > 0 ? standing.suspendedAtMs : null;
    }
  }
}

/** The state with a timer for each key, from this one down, whose live calls have to end because a key of its line was revoked. */
export function withOwedHangUps(state: AccountState, keyId: KeyId): AccountState {
  let planned = state;
  for (const { key } of withLiveCalls(state.keys, keyId, true)) {
    const about = { kind: 'revoked', keyId: key.keyId } as const;
    const dueMs = momentOf(state, about);
    if (dueMs !== null) planned = plan(planned, dueMs, about);
  }
  return planned;
}

/**
 * The key and those below it that have calls, down to where nothing is live.
 * @param isStrict false: only those that are, or hang from, a key whose policy hangs up
 */
export function* withLiveCalls(keys: AccountState['keys'], keyId: KeyId, isStrict: boolean): Iterable<KeyUsage> {
  const use = keys.get(keyId);
  if (use === undefined) return;
  if (isStrict) yield use;
  for (const child of use.busyChildren) {
    const key = keys.get(child)?.key;
    yield* withLiveCalls(keys, child, isStrict || (key !== undefined && hangsUp(key)));
  }
}

/** All timers of a state, from nothing but what is in it. */
export function timersOf(state: Omit<AccountState, 'timers'>): DueQueue<Timer> {
  const complete: AccountState = { ...state, timers: emptyDueQueue };
  let queue: DueQueue<Timer> = emptyDueQueue;
  for (const about of everyTimer(complete)) {
    const dueMs = momentOf(complete, about);
    if (dueMs !== null) queue = withPlanned(queue, { dueMs, timer: about });
  }
  return queue;
}

function* everyTimer(state: AccountState): Iterable<Timer> {
  yield { kind: 'suspended' };
  for (const callId of state.calls.keys()) yield { kind: 'call', callId };
  for (const keyId of state.keys.keys()) {
    yield { kind: 'overlap', keyId };
    yield { kind: 'revoked', keyId };
  }
  for (const name of state.refusals.keys()) yield { kind: 'refusals', name };
  for (const name of state.turnedAway.keys()) yield { kind: 'turned_away', name };
}

/** The state with one more refused call counted. */
export function withRefusalCounted(
  state: AccountState,
  alike: Pick<CallRefusalKey, 'keyId' | 'code'>,
  nowMs: EpochMs,
): AccountState {
  const refusals = incremented(state.refusals, alike, 1, nowMs);
  return withSumPlanned(state, { ...state, refusals }, { kind: 'refusals', name: refusalName(alike) });
}

/** The state with so many more counted that were turned away. */
export function withTurnedAwayCounted(
  state: AccountState,
  turned: Pick<TurnedAway, 'presentedKeyId' | 'code' | 'count'>,
  nowMs: EpochMs,
): AccountState {
  const alike = aggregationKey(state.turnedAway, turned, nowMs);
  const turnedAway = incremented(state.turnedAway, alike, turned.count, nowMs);
  return withSumPlanned(state, { ...state, turnedAway }, { kind: 'turned_away', name: refusalName(alike) });
}

/** A sum is planned when it begins to count. */
function withSumPlanned(
  before: AccountState,
  state: AccountState,
  about: Extract<Timer, { kind: 'refusals' | 'turned_away' }>,
): AccountState {
  const dueMs = momentOf(state, about);
  return dueMs === null || momentOf(before, about) !== null ? state : plan(state, dueMs, about);
}

/** How many things a timer can be about. */
function aboutOf({ calls, keys, refusals, turnedAway }: AccountState): number {
  return calls.size + keys.size + refusals.size + turnedAway.size;
}
