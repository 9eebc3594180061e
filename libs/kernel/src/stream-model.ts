import type { Decider } from './decider.js';
import type { JsonValue } from './json.js';
import type { EpochMs } from './units.js';

/** A decider whose state can be stored as a snapshot and which knows when its next timer is due. */
export interface StreamModel<State, Command, Event, Refusal> extends Decider<State, Command, Event, Refusal> {
  /**
   * Updates the in-memory part of a refusal's effect, beside its trace: counts that become an event when their second
   * is over, and the exact next due moment. A crash loses at most one second of counts. Called with the state before
   * the refusal's trace evolves it.
   */
  readonly afterRefusal: (command: Command, state: State, refusal: Refusal) => State;
  /**
   * Version of `evolve` and of the snapshot's shape, raised whenever either changes: snapshots of another version are
   * not read.
   */
  readonly evolveVersion: number;
  /**
   * The earliest moment at which time alone may cause an event, or null. May be too early, never too late; a due stream
   * gets the command `ActOnTime`.
   */
  readonly nextDueMs: (state: State) => EpochMs | null;
  /** Yields the state in pieces of bounded size, so that a large one can be written without stopping the lane. */
  readonly snapshot: (state: State) => Iterable<JsonValue>;
  readonly restore: (pieces: Iterable<JsonValue>) => State;
  /** Approximate number of items that `snapshot` yields; it determines how often a snapshot is worth its cost. */
  readonly size: (state: State) => number;
}
