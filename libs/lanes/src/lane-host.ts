import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { QuarantineCause } from './quarantine.js';

/** What the lane has to tell the process it runs in. Called at most once for each happening, unless it says otherwise; must not throw. */
export interface LaneHost {
  /** Somebody else writes for these lanes now; we say nothing more of them. */
  lanesLost(lanes: readonly Lane[]): void;
  /** A command made the software fail twice and was set aside. */
  parked(
    command: { readonly stream: StreamId; readonly commandId: CommandId; readonly type: CommandPayload['type'] },
    cause: unknown,
  ): void;
  /** An account is set aside: it is drained at most, until its lane goes to another process or this one ends. */
  quarantined(stream: StreamId, cause: unknown, why: QuarantineCause): void;
  /**
   * A newer release has written to this stream what ours does not know: it stays untouched, and this process should end, so that a newer one decides. Told each
   * time it is met.
   */
  outdated(stream: StreamId, cause: unknown): void;
  /** A rule broke that can only break by a bug; what it touched was built again from the log. */
  broken(cause: unknown): void;
}
