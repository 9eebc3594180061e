import type { DeckId, KeyId, LogId } from '@ringfence/kernel/ids';
import type { Map as ImmutableMap } from 'immutable';
import type { RejectionSums } from '../../rejections/rejected-commands.js';
import type { KeyState } from '../../keys/key-state.js';
import type { OpenedRange } from '../../limits/opened-ranges.js';
import type { RateDeckPublished } from '../../platform/platform.events.js';

export type PublishedDeck = Omit<RateDeckPublished, 'type'>;
/** State of the platform: the log, operators' keys, rate decks, number ranges. */
export type PlatformState = {
  readonly log: { readonly logId: LogId; readonly laneCount: number } | null;
  readonly keys: ImmutableMap<KeyId, Exclude<KeyState, { status: 'unissued' }>>;
  readonly decks: ImmutableMap<DeckId, PublishedDeck>;
  /** Ranges in the order in which they were recorded. */
  readonly openedRanges: readonly OpenedRange[];
  readonly rejections: RejectionSums;
};
