import type { DeckId, LogId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Stamp } from './values.js';

/** Only on an empty log. */
export type OpenLog = Stamp & { readonly type: 'OpenLog'; readonly logId: LogId; readonly laneCount: number };
/** The rows' blob is stored before this is decided. */
export type PublishRateDeck = Stamp & {
  readonly type: 'PublishRateDeck';
  readonly deckId: DeckId;
  readonly currency: string;
  readonly rowCount: number;
  readonly rowsSha256: string;
  readonly effectiveFromMs: EpochMs;
};
export type PlatformCommand = OpenLog | PublishRateDeck;
