import type { DeckId, LogId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { OpenedRange } from '../limits/opened-ranges.js';

/** The first event of every log. */
type LogOpened = {
  readonly type: 'LogOpened';
  readonly logId: LogId;
  readonly laneCount: number;
  readonly openedAtMs: EpochMs;
};

/**
 * A price list, in force for calls that begin at or after `effectiveFromMs`. Its rows are a stored blob, named by their
 * SHA-256.
 */
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

/**
 * Territory and kind of numbers that begin with this prefix and that the numbering data does not know, for calls that
 * begin within the given time.
 */
type NumberRangeOpened = OpenedRange & { readonly type: 'NumberRangeOpened'; readonly openedAtMs: EpochMs };
export type PlatformEvent = LogOpened | RateDeckPublished | NumberRangeOpened;
