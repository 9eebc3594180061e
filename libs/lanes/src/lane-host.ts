import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { QuarantineCause } from './quarantine.js';

/** The process that hosts a lane. Called at most once per occurrence unless stated otherwise; must not throw. */
export interface LaneHost {
  /** Reports that another process now writes for these lanes; no further reports about them follow. */
  lanesLost(lanes: readonly Lane[]): void;
  /** Reports a command that made the software fail twice and was parked. */
  parked(
    command: { readonly stream: StreamId; readonly commandId: CommandId; readonly type: CommandPayload['type'] },
    cause: unknown,
  ): void;
  /** Reports a quarantined account. The quarantine lasts until the lane moves to another process or this one ends. */
  quarantined(stream: StreamId, cause: unknown, why: QuarantineCause): void;
  /**
   * Reports a stream with events of a newer release. It stays untouched, and this process should end so that a newer
   * one decides. Called each time such a stream is met.
   */
  outdated(stream: StreamId, cause: unknown): void;
  /** Reports a broken invariant, which is a bug; the affected state was rebuilt from the log. */
  broken(cause: unknown): void;
}
