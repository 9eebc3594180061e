import type { CallId, KeyId, SubjectId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { JsonValue } from '@ringfence/kernel/json';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import { restoredSums, type RefusalSum } from '../../rejections/refusal-aggregation.js';
import { type CallRefusalKey } from '../../calls/refused-calls.js';
import { type CommandRejectionKey } from '../../rejections/rejected-commands.js';
import { fromPlain, toPlain } from '../../shared/plain.js';
import { type AccountState } from './account-state.js';
import { isBusy, type KeyUsage } from '../../keys/key-usage.js';
import { type LiveCall } from '../../calls/live-call.js';
import { timersOf } from './account-timers.js';

/** Entries to a piece: some hundred kilobytes at most, written between two turns of the event loop. */
const pieceEntriesMax = 100;

type Head = Pick<AccountState, 'standing' | 'days' | 'books' | 'modes'>;
/** Which calls are going is found again from the calls, which children are busy from the lines. */
type StoredUse = Pick<KeyUsage, 'key' | 'used'>;
type Piece =
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'keys'; readonly entries: readonly StoredUse[] }
  | { readonly kind: 'calls'; readonly entries: readonly LiveCall[] }
  | { readonly kind: 'refusals'; readonly entries: readonly RefusalSum<CallRefusalKey>[] }
  | { readonly kind: 'turned_away'; readonly entries: readonly RefusalSum<CommandRejectionKey>[] }
  | { readonly kind: 'young' | 'old'; readonly entries: readonly CallId[] }
  | { readonly kind: 'erased_young' | 'erased_old'; readonly entries: readonly SubjectId[] };

export function* snapshotAccount(state: AccountState): Iterable<JsonValue> {
  const { standing, days, books, modes } = state;
  yield toPlain({ kind: 'head', head: { standing, days, books, modes } } satisfies Piece);
  for (const entries of slices(stored(state.keys.values()))) yield toPlain({ kind: 'keys', entries } satisfies Piece);
  for (const entries of slices(state.calls.values())) yield toPlain({ kind: 'calls', entries } satisfies Piece);
  for (const entries of slices(state.refusals.values())) yield toPlain({ kind: 'refusals', entries } satisfies Piece);
  for (const entries of slices(state.turnedAway.values()))
    yield toPlain({ kind: 'turned_away', entries } satisfies Piece);
  for (const entries of slices(state.ended.young.values())) yield toPlain({ kind: 'young', entries } satisfies Piece);
  for (const entries of slices(state.ended.old.values())) yield toPlain({ kind: 'old', entries } satisfies Piece);
  for (const entries of slices(state.erased.young.values()))
    yield toPlain({ kind: 'erased_young', entries } satisfies Piece);
  for (const entries of slices(state.erased.old.values()))
    yield toPlain({ kind: 'erased_old', entries } satisfies Piece);
}

export function restoreAccount(pieces: Iterable<JsonValue>): AccountState {
  let head: Head | undefined;
  const keys: [KeyId, StoredUse][] = [];
  const calls = new Map<CallId, LiveCall>();
  const refusals: RefusalSum<CallRefusalKey>[] = [];
  const turnedAway: RefusalSum<CommandRejectionKey>[] = [];
  const ended: Record<'young' | 'old', CallId[]> = { young: [], old: [] };
  const erased: Record<'erased_young' | 'erased_old', SubjectId[]> = { erased_young: [], erased_old: [] };
  for (const plain of pieces) {
    // Our own writing, of this very `evolveVersion`: another version's snapshot is never read.
    const piece = fromPlain(plain) as Piece;
    switch (piece.kind) {
      case 'head':
        head = piece.head;
        break;
      case 'keys':
        for (const use of piece.entries) keys.push([use.key.keyId, use]);
        break;
      case 'calls':
        for (const call of piece.entries) calls.set(call.callId, call);
        break;
      case 'refusals':
        refusals.push(...piece.entries);
        break;
      case 'turned_away':
        turnedAway.push(...piece.entries);
        break;
      case 'young':
      case 'old':
        ended[piece.kind].push(...piece.entries);
        break;
      case 'erased_young':
      case 'erased_old':
        erased[piece.kind].push(...piece.entries);
        break;
    }
  }
  invariant(head !== undefined, 'a snapshot of an account begins with its head');
  const going = goingByKey(calls.values());
  const busy = busyByParent(keys);
  const state = {
    ...head,
    keys: ImmutableMap(
      keys.map(([keyId, { key, used }]) => [
        keyId,
        { key, used, going: ImmutableSet(going.get(keyId)), busyChildren: ImmutableSet(busy.get(keyId)) },
      ]),
    ),
    calls: ImmutableMap(calls),
    refusals: restoredSums(refusals),
    turnedAway: restoredSums(turnedAway),
    ended: { young: ImmutableSet(ended.young), old: ImmutableSet(ended.old) },
    erased: { young: ImmutableSet(erased.erased_young), old: ImmutableSet(erased.erased_old) },
  };
  return { ...state, timers: timersOf(state) };
}

function* stored(uses: Iterable<KeyUsage>): Iterable<StoredUse> {
  for (const { key, used } of uses) yield { key, used };
}

function goingByKey(calls: Iterable<LiveCall>): ReadonlyMap<KeyId, CallId[]> {
  const going = new Map<KeyId, CallId[]>();
  for (const { callId, authority, hangUp } of calls) {
    if (hangUp !== null) continue;
    push(going, authority.keyId, callId);
  }
  return going;
}

function busyByParent(keys: readonly (readonly [KeyId, StoredUse])[]): ReadonlyMap<KeyId, KeyId[]> {
  const busy = new Map<KeyId, KeyId[]>();
  for (const [keyId, use] of keys) {
    const { parentKeyId } = use.key;
    if (parentKeyId !== null && isBusy(use)) push(busy, parentKeyId, keyId);
  }
  return busy;
}

function push<Item>(lists: Map<KeyId, Item[]>, keyId: KeyId, item: Item): void {
  const known = lists.get(keyId);
  if (known === undefined) lists.set(keyId, [item]);
  else known.push(item);
}

function* slices<Entry>(entries: Iterable<Entry>): Iterable<readonly Entry[]> {
  let slice: Entry[] = [];
  for (const entry of entries) {
    slice.push(entry);
    if (slice.length < pieceEntriesMax) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
