import type { DeckId, KeyId, LogId } from '@ringfence/kernel/ids';
import type { Map as ImmutableMap } from 'immutable';
import type { TurnedAwaySums } from '../audit/turned-away.js';
import type { KeyState } from '../keys/key-state.js';
import type { RateDeckPublished } from './platform.events.js';

export type PublishedDeck = Omit<RateDeckPublished, 'type'>;
/** What belongs to everybody: the log's own facts, operators' keys, price lists. */
export type PlatformState = {
  readonly log: { readonly logId: LogId; readonly laneCount: number } | null;
  readonly keys: ImmutableMap<KeyId, Exclude<KeyState, { status: 'unissued' }>>;
  readonly decks: ImmutableMap<DeckId, PublishedDeck>;
  readonly turnedAway: TurnedAwaySums;
};
