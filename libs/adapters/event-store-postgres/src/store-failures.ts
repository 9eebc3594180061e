import { sqlStateOf, unavailable } from '@ringfence/sql-postgres/pool';
import { Failure } from '@ringfence/kernel/failure';

/** What the database's own refusals mean for the port. */
const failures: Readonly<Record<string, readonly [code: string, message: string, retryable: boolean]>> = {
  RF001: ['lane_lease_lost', 'Another owner has taken a lane of this batch.', false],
  RF002: ['event_store_conflict', 'A stream is not at its expected version.', false],
  RF003: ['stream_changed', 'A stream that had to be unchanged has moved.', true],
  '23505': ['outcome_already_kept', 'A command of this batch has an outcome already.', false],
};

export function asFailure(error: unknown): unknown {
  const known = failures[sqlStateOf(error) ?? ''];
  if (known === undefined) return unavailable('event_store_unavailable', error);
  const [code, message, retryable] = known;
  return new Failure(code, message, retryable, { cause: error });
}

export async function asking<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    throw asFailure(error);
  }
}
