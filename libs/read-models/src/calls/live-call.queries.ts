import type { AttemptId } from '@ringfence/domain/shared/values';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import { unpackedId } from '@ringfence/kernel/packed-id';
import { type Position, position } from '@ringfence/kernel/units';
import type { ProjectionProgress } from '@ringfence/projections/projection-progress';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { readModelFailures } from '../failures.js';

/** The longest wait for the read model to catch up. */
const liveCallsWaitMsMax = 10_000;

type LiveCallRow = {
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly attemptId: AttemptId;
  /** Position of its CallPlaced. */
  readonly placedPosition: Position;
};

/** The calls that have not ended. Throws Failure `database_unavailable` (retryable). */
export class LiveCallQueries {
  constructor(
    private readonly db: SqlTransaction,
    private readonly progress: ProjectionProgress,
  ) {}

  /**
   * Waits until every event below `seen` is in the rows, then lists the calls placed below it that are still live, in
   * order of `placedPosition`, from `after` (exclusive; null: from the first) on, at most `limit`.
   * @throws Failure `read_model_behind` (retryable) after liveCallsWaitMsMax
   */
  async placedBelow(seen: Position, after: Position | null, limit: number): Promise<readonly LiveCallRow[]> {
    const reached = await this.progress.waitFor(['calls'], seen, liveCallsWaitMsMax);
    if (!reached) throw readModelFailures.read_model_behind('calls');
    const records = await this.db.query<LiveCallRecord>(
      `select account_id, call_id, attempt_id, placed_position from calls.current_call
       where placed_position < $1 and placed_position > $2
       order by placed_position limit $3`,
      [seen, after ?? -1, limit],
    );
    return records.map((record) => ({
      accountId: unpackedId('acc', record.account_id),
      callId: unpackedId('cs', record.call_id),
      attemptId: unpackedId('evt', record.attempt_id),
      placedPosition: position(Number(record.placed_position)),
    }));
  }
}

type LiveCallRecord = {
  readonly account_id: string;
  readonly call_id: string;
  readonly attempt_id: string;
  readonly placed_position: string;
};
