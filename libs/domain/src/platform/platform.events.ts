import type { DeckId, LogId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';

/** The first event of every log. */
export type LogOpened = {
  readonly type: 'LogOpened';
  readonly logId: LogId;
  readonly laneCount: number;
  readonly openedAtMs: EpochMs;
};

/** A price list; its rows are a stored blob, named by their SHA-256. In force for calls that begin at or after `effectiveFromMs`. */
export type RateDeckPublished = {
  readonly type: 'RateDeckPublished';
  readonly deckId: DeckId;
  readonly deckVersion: number;
  readonly currency: string;
  readonly rowCount: number;
  /** Lower-case hex SHA-256 of the blob's bytes. */
  readonly rowsSha256: string;
  readonly effectiveFromMs: EpochMs;
};

export type PlatformEvent = LogOpened | RateDeckPublished;
