import type { Position } from '@ringfence/kernel/units';

/** Positions of a page, which begins at a multiple of it. Fixed for ever: a position's page follows from it. */
export const pagePositions = 256;

export type ColdPages = {
  /** Positions at the end of the log that stay rows; all whole pages before them are cold. */
  readonly hotEvents: number;
  /** Pages moved at most; nothing is moved before so many are cold. */
  readonly pages: number;
  /** Runs after each page, for instance to rest. */
  readonly afterPage?: () => Promise<void>;
};

/**
 * - `moved`: a segment of as many pages as requested was written, and their rows are gone
 * - `nothing_cold`: too few pages are cold
 * - `moved_by_another`: another process is moving
 * - `former_release`: a process of a release that reads rows only is connected
 */
export type MoveOutcome = 'moved' | 'nothing_cold' | 'moved_by_another' | 'former_release';

/**
 * `next`: the position after the last one in segments. `coldEvents`: positions of whole pages that are cold and still
 * rows.
 */
export type MovedPages = { readonly outcome: MoveOutcome; readonly next: Position; readonly coldEvents: number };

/**
 * The log's segments. The newest positions of the log are rows, one an event. Those before them are pages: page n holds
 * the events at positions [256 n, 256 n + 256), whole, with their bytes unchanged, compressed, and is never written
 * again. A segment is a run of pages that were moved together, with an index from a stream's version and from a subject
 * to its pages. Positions are dense across the seam, and readers of the log never see where it is.
 */
export interface LogSegments {
  /**
   * Moves the oldest pages that are cold from rows into a segment, all or nothing: at any moment, and for any reader, a
   * position is in a row or in a page, never in both or in neither. Before rows go, each page is read back,
   * decompressed and compared with them.
   * @throws Failure `event_store_unavailable` (retryable); BrokenInvariant if a page does not come back as it was
   *   written, or rows are not dense: then nothing is moved
   */
  moveCold(cold: ColdPages): Promise<MovedPages>;
}
