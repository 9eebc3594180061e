import { invariant } from '@ringfence/kernel/invariant';
import type { JsonValue } from '@ringfence/kernel/json';
import { fromPlain, toPlain } from '../../shared/plain.js';
import * as accounts from './accounts.slice.js';
import type { AccountShares, AccountState } from './account-state.js';
import { timersOf } from './account-timers.js';
import * as apps from './apps.slice.js';
import * as calls from './calls.slice.js';
import * as keys from './keys.slice.js';
import * as numbers from './numbers.slice.js';
import * as rejections from './rejections.slice.js';
import type { Stored, StoredEntries, StoredKind } from './slice.js';
import * as trunks from './trunks.slice.js';
import * as webhooks from './webhooks.slice.js';

/** Entries per piece: at most some hundred kilobytes, so that one piece does not block the event loop. */
const pieceEntriesMax = 100;
/** Kinds with larger entries. */
const largerEntriesMax: Partial<Record<string, number>> = { ip_lists: 10 };

/** The part of the state that does not grow with the account, stored as one piece. */
type Head = Pick<AccountState, 'standing' | 'days' | 'books' | 'modes'>;
type PieceOf<Kind extends StoredKind> = {
  readonly [Each in Kind]: { readonly kind: Each; readonly entries: readonly StoredEntries[Each][] };
}[Kind];
type Piece = { readonly kind: 'head'; readonly head: Head } | PieceOf<StoredKind>;

/** The growing parts of the state, in the order in which they are written. */
const entriesOf: { readonly [Kind in StoredKind]: (state: AccountState) => Iterable<StoredEntries[Kind]> } = {
  keys: keys.stored,
  calls: (state) => state.calls.values(),
  numbers: (state) => state.numbers.values(),
  refusals: (state) => state.refusals.values(),
  turned_away: (state) => state.rejections.values(),
  young: (state) => state.ended.young.values(),
  old: (state) => state.ended.old.values(),
  erased_young: (state) => state.erased.young.values(),
  erased_old: (state) => state.erased.old.values(),
  webhook_secrets: (state) => state.webhookSecrets.values(),
  voice_apps: (state) => state.voiceApps.values(),
  ip_lists: (state) => state.ipLists.values(),
  sip_trunks: (state) => state.sipTrunks.values(),
};

export function* snapshotAccount(state: AccountState): Iterable<JsonValue> {
  const { standing, days, books, modes } = state;
  yield toPlain({ kind: 'head', head: { standing, days, books, modes } } satisfies Piece);
  for (const [kind, of] of Object.entries(entriesOf)) {
    for (const entries of inPieces<unknown>(of(state), largerEntriesMax[kind] ?? pieceEntriesMax))
      yield toPlain({ kind, entries });
  }
}

export function restoreAccount(pieces: Iterable<JsonValue>): AccountState {
  let head: Head | undefined;
  const stored: Stored = {
    keys: [],
    calls: [],
    numbers: [],
    refusals: [],
    turned_away: [],
    young: [],
    old: [],
    erased_young: [],
    erased_old: [],
    webhook_secrets: [],
    voice_apps: [],
    ip_lists: [],
    sip_trunks: [],
  };
  for (const plain of pieces) {
    // Written by this very `evolveVersion`: snapshots of other versions are never read.
    const piece = fromPlain(plain) as Piece;
    if (piece.kind === 'head') head = piece.head;
    else collect(stored, piece);
  }
  invariant(head !== undefined, 'a snapshot of an account begins with its head');
  const shares: AccountShares = {
    ...head,
    ...accounts.restored(stored),
    ...keys.restored(stored),
    ...calls.restored(stored),
    ...numbers.restored(stored),
    ...rejections.restored(stored),
    ...webhooks.restored(stored),
    ...apps.restored(stored),
    ...trunks.restored(stored),
  };
  return { ...shares, timers: timersOf(shares) };
}

function collect<Kind extends StoredKind>(stored: Stored, piece: PieceOf<Kind>): void {
  stored[piece.kind].push(...piece.entries);
}

function* inPieces<Entry>(entries: Iterable<Entry>, entriesMax: number): Iterable<readonly Entry[]> {
  let piece: Entry[] = [];
  for (const entry of entries) {
    piece.push(entry);
    if (piece.length < entriesMax) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
