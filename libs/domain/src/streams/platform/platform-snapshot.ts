import type { JsonValue } from '@ringfence/kernel/json';
import { Map as ImmutableMap } from 'immutable';
import { restoredSums, type RefusalSum } from '../../rejections/refusal-aggregation.js';
import { type CommandRejectionKey } from '../../rejections/rejected-commands.js';
import type { OpenedRange } from '../../limits/opened-ranges.js';
import { fromPlain, toPlain } from '../../shared/plain.js';
import type { PlatformState, PublishedDeck } from './platform-state.js';

type OperatorKey = PlatformState['keys'] extends ImmutableMap<infer _KeyId, infer Key> ? Key : never;
type Piece = {
  readonly log: PlatformState['log'];
  readonly keys: readonly OperatorKey[];
  readonly decks: readonly PublishedDeck[];
  readonly openedRanges: PlatformState['openedRanges'];
  readonly turnedAway: readonly RefusalSum<CommandRejectionKey>[];
};

export function* snapshotPlatform(state: PlatformState): Iterable<JsonValue> {
  const { log, keys, decks, openedRanges, rejections } = state;
  const piece: Piece = {
    log,
    keys: [...keys.values()],
    decks: [...decks.values()],
    openedRanges,
    turnedAway: [...rejections.values()],
  };
  yield toPlain(piece);
}

export function restorePlatform(pieces: Iterable<JsonValue>): PlatformState {
  let log: PlatformState['log'] = null;
  const keys: OperatorKey[] = [];
  const decks: PublishedDeck[] = [];
  const openedRanges: OpenedRange[] = [];
  const rejections: RefusalSum<CommandRejectionKey>[] = [];
  for (const plain of pieces) {
    const piece = fromPlain(plain) as Piece; // written by this very `evolveVersion`
    log = piece.log;
    keys.push(...piece.keys);
    decks.push(...piece.decks);
    openedRanges.push(...piece.openedRanges);
    rejections.push(...piece.turnedAway);
  }
  return {
    log,
    keys: ImmutableMap(keys.map((key) => [key.keyId, key])),
    decks: ImmutableMap(decks.map((deck) => [deck.deckId, deck])),
    openedRanges,
    rejections: restoredSums(rejections),
  };
}
