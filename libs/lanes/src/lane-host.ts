import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { QuarantineCause } from './quarantine.js';

/** The process in which a lane runs. Called at most once per occurrence, unless it says otherwise; must not throw. */
export interface LaneHost {
  /** Reports that another process writes for these lanes now; nothing more of them is reported. */
  lanesLost(lanes: readonly Lane[]): void;
  /** Reports a command that made the software fail twice and was parked. */
  parked(
    command: { readonly stream: StreamId; readonly commandId: CommandId; readonly type: CommandPayload['type'] },
    cause: unknown,
  ): void;
  /** Reports a quarantined account: it is drained at most, until its lane goes to another process or this one ends. */
  quarantined(stream: StreamId, cause: unknown, why: QuarantineCause): void;
  /**
   * Reports that a newer release has written to this stream what ours does not know: it stays untouched, and this
   * process should end, so that a newer one decides. Called each time it is met.
   */
  outdated(stream: StreamId, cause: unknown): void;
  /** A rule broke that can only break by a bug; what it touched was built again from the log. */
  broken(cause: unknown): void;
}
