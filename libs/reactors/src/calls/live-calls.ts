import type { AttemptId } from '@ringfence/domain/shared/values';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import type { Position } from '@ringfence/kernel/units';

type PlacedCall = {
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly attemptId: AttemptId;
  /** Position of its CallPlaced. */
  readonly placedPosition: Position;
};
/** The calls that have not ended, from a read model. */
export interface LiveCalls {
  /**
   * Waits until the read model has seen every event below `seen`, then lists the calls placed below it that are still
   * live, in order of `placedPosition`, from `after` (exclusive; null: from the first) on, at most `limit`.
   * @throws Failure `read_model_behind` (retryable) after a bounded wait
   */
  placedBelow(seen: Position, after: Position | null, limit: number): Promise<readonly PlacedCall[]>;
}
