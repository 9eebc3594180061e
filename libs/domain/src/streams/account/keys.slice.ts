import type { CallId, KeyId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { BegunCall } from '../../calls/begun-call.js';
import type { CallCompleted, CallExtended, CallFailed, CallHangUpRequested } from '../../calls/call.events.js';
import { releaseOf, type LiveCall } from '../../calls/live-call.js';
import { hangsUp, hangUpsDueSince } from '../../keys/key-line.js';
import type { KeyPolicy } from '../../keys/key-policy.js';
import { evolveKey, unissuedKey } from '../../keys/key-state.js';
import { isBusy, lineOf, usageLine, type KeyUsage, type KeyUsages } from '../../keys/key-usage.js';
import type { KeyEvent } from '../../keys/key.events.js';
import { spendDayOf } from '../../limits/account-days.js';
import { afterEnding, afterPlacing, afterReserving, restedUsage, usageAtRate, type Usage } from '../../limits/usage.js';
import type { Mode } from '../../shared/values.js';
import type { AccountState } from './account-state.js';
import type { Stored, StoredEntries } from './slice.js';
import type { TimerKind, TimerOf } from './timer.js';

export type KeysShare = { readonly keys: KeyUsages };
type WithCalls = Pick<AccountState, 'keys' | 'calls'>;
type WithDays = Pick<AccountState, 'keys' | 'days'>;

export const initial: KeysShare = { keys: ImmutableMap() };

export function keyChanged({ keys }: KeysShare, event: KeyEvent): Partial<KeysShare> {
  const known = keys.get(event.keyId);
  const key = evolveKey(known?.key ?? unissuedKey, event);
  if (key.status === 'unissued') return {};
  const use = { ...(known ?? unused(key.policy)), key };
  return { keys: keys.set(event.keyId, event.type === 'KeyPolicyChanged' ? atItsRate(use) : use) };
}

export function callBegan({ keys, days }: WithDays, event: BegunCall): KeysShare {
  const { keyId, callId, mode, localDay, reservedMicros, authorisedForMs, placedAtMs } = event;
  const reservation = { day: spendDayOf(days, localDay), amountMicros: reservedMicros, talkMs: authorisedForMs };
  const counted = withLine(keys, keyId, mode, (usage) => afterPlacing(usage, reservation, placedAtMs));
  return { keys: withUse(counted, keyId, (use) => ({ ...use, activeCalls: use.activeCalls.add(callId) })) };
}

export function callExtended({ keys, days, calls }: WithDays & WithCalls, event: CallExtended): KeysShare {
  const { keyId, callId, mode, localDay, authorisedForMs, addedMicros } = event;
  const before = calls.get(callId)?.authorisedForMs ?? authorisedForMs;
  const talkMs = durationMs(Math.max(0, authorisedForMs - before));
  const reservation = { day: spendDayOf(days, localDay), amountMicros: addedMicros, talkMs };
  return { keys: withLine(keys, keyId, mode, (usage) => afterReserving(usage, reservation)) };
}

export function callHangUpRequested({ keys, calls }: WithCalls, event: CallHangUpRequested): Partial<KeysShare> {
  const call = calls.get(event.callId);
  return call === undefined ? {} : { keys: withoutActive(keys, call) };
}

export function callEnded({ keys, calls }: WithCalls, event: CallCompleted | CallFailed): Partial<KeysShare> {
  const call = calls.get(event.callId);
  if (call === undefined) return {};
  const release = releaseOf(call, event);
  return { keys: withLine(withoutActive(keys, call), event.keyId, event.mode, (usage) => afterEnding(usage, release)) };
}

/** The end of a rotation's overlap. */
export const overlapTimer: TimerKind<'overlap'> = {
  all: ({ keys }) => ofEach(keys, 'overlap'),
  dueMs({ keys }, { keyId }) {
    const key = keys.get(keyId)?.key;
    return key?.status === 'active' ? key.overlapUntilMs : null;
  },
};

/** Pending hang-ups of the revocation of a key or of an ancestor. */
export const revokedTimer: TimerKind<'revoked'> = {
  all: ({ keys }) => ofEach(keys, 'revoked'),
  dueMs({ keys }, { keyId }) {
    const active = keys.get(keyId)?.activeCalls.size ?? 0;
    return active > 0 ? hangUpsDueSince(lineOf(keys, keyId)) : null;
  },
};

/** Yields this key and its descendants whose live calls may have to end because a key of their line was revoked. */
export function* revokedBelow({ keyId }: { readonly keyId: KeyId }, { keys }: KeysShare): Iterable<TimerOf<'revoked'>> {
  for (const { key } of withLiveCalls(keys, keyId, true)) yield { kind: 'revoked', keyId: key.keyId };
}

/**
 * The key itself, and its descendants that have live calls.
 * @param isStrict whether the end of this key hangs up its calls; false: only keys at or below a descendant that does
 */
export function* withLiveCalls(keys: KeyUsages, keyId: KeyId, isStrict: boolean): Iterable<KeyUsage> {
  const use = keys.get(keyId);
  if (use === undefined) return;
  if (isStrict) yield use;
  for (const child of use.busyChildren) {
    const key = keys.get(child)?.key;
    yield* withLiveCalls(keys, child, isStrict || (key !== undefined && hangsUp(key)));
  }
}

export function* stored({ keys }: KeysShare): Iterable<StoredEntries['keys']> {
  for (const { key, used } of keys.values()) yield { key, used };
}

export function restored({ keys, calls }: Pick<Stored, 'keys' | 'calls'>): KeysShare {
  const active = new Map<KeyId, CallId[]>();
  for (const { callId, authority, hangUp } of calls) if (hangUp === null) push(active, authority.keyId, callId);
  const busy = new Map<KeyId, KeyId[]>();
  for (const { key, used } of keys)
    if (key.parentKeyId !== null && isBusy({ used })) push(busy, key.parentKeyId, key.keyId);
  const usages = keys.map(({ key, used }): [KeyId, KeyUsage] => {
    const { keyId } = key;
    return [
      keyId,
      { key, used, activeCalls: ImmutableSet(active.get(keyId)), busyChildren: ImmutableSet(busy.get(keyId)) },
    ];
  });
  return { keys: ImmutableMap(usages) };
}

function push<Item>(lists: Map<KeyId, Item[]>, keyId: KeyId, item: Item): void {
  const known = lists.get(keyId);
  if (known === undefined) lists.set(keyId, [item]);
  else known.push(item);
}

function* ofEach<Kind extends 'overlap' | 'revoked'>(keys: KeyUsages, kind: Kind): Iterable<TimerOf<Kind>> {
  for (const keyId of keys.keys()) yield { kind, keyId };
}

function unused({ callsPerSecond, burstCalls }: KeyPolicy): Omit<KeyUsage, 'key'> {
  const rested = restedUsage(callsPerSecond, burstCalls);
  return { used: { live: rested, test: rested }, activeCalls: ImmutableSet(), busyChildren: ImmutableSet() };
}

function atItsRate(use: KeyUsage): KeyUsage {
  const { callsPerSecond, burstCalls } = use.key.policy;
  const atRate = (usage: Usage) => usageAtRate(usage, callsPerSecond, burstCalls);
  return { ...use, used: { live: atRate(use.used.live), test: atRate(use.used.test) } };
}

/** Changes the usage of a call's key and of each of its ancestors. */
function withLine(keys: KeyUsages, keyId: KeyId, mode: Mode, change: (usage: Usage) => Usage): KeyUsages {
  let changed = keys;
  let below: KeyUsage | undefined;
  for (const use of usageLine(keys, keyId)) {
    const busyChildren =
      below === undefined
        ? use.busyChildren
        : isBusy(below)
          ? use.busyChildren.add(below.key.keyId)
          : use.busyChildren.delete(below.key.keyId);
    below = { ...use, busyChildren, used: { ...use.used, [mode]: change(use.used[mode]) } };
    changed = changed.set(use.key.keyId, below);
  }
  return changed;
}

function withUse(keys: KeyUsages, keyId: KeyId, change: (use: KeyUsage) => KeyUsage): KeyUsages {
  const use = keys.get(keyId);
  return use === undefined ? keys : keys.set(keyId, change(use));
}

/** Removes a call whose hang-up was requested from the active calls. */
function withoutActive(keys: KeyUsages, { callId, authority, hangUp }: LiveCall): KeyUsages {
  if (hangUp !== null) return keys;
  return withUse(keys, authority.keyId, (use) => ({ ...use, activeCalls: use.activeCalls.delete(callId) }));
}
