import { brokenConstraintOf, sqlStateOf, unavailable } from '@ringfence/sql-postgres/pool';
import { Failure } from '@ringfence/kernel/failure';
import { BrokenInvariant } from '@ringfence/kernel/invariant';

/** Failures of the port for the database's own error codes. */
const failures: Readonly<Record<string, readonly [code: string, message: string, retryable: boolean]>> = {
  RF001: ['lane_lease_lost', 'Another owner has taken a lane of this batch.', false],
  RF002: ['event_store_conflict', 'A stream is not at its expected version.', false],
  RF003: ['stream_changed', 'A stream that had to be unchanged has moved.', true],
};
const uniqueViolation = '23505';
/** Failures of the port for duplicate keys, by the name of the constraint. */
const keysTaken: Readonly<Record<string, readonly [code: string, message: string]>> = {
  outcome_pkey: ['outcome_already_kept', 'A command of this batch has an outcome already.'],
  packed_outcome_pkey: ['outcome_already_kept', 'A command of this batch has an outcome already.'],
  event_pkey: ['event_store_conflict', 'A place of the log that should be free is taken.'],
  event_stream: ['event_store_conflict', 'A version of a stream that should be free is taken.'],
};

function asFailure(error: unknown): unknown {
  const state = sqlStateOf(error);
  if (state === uniqueViolation) return taken(error);
  const known = failures[state ?? ''];
  if (known === undefined) return unavailable('event_store_unavailable', error);
  const [code, message, retryable] = known;
  return new Failure(code, message, retryable, { cause: error });
}

function taken(error: unknown): Error {
  const constraint = brokenConstraintOf(error) ?? 'a constraint without a name';
  const known = keysTaken[constraint];
  if (known === undefined) return new BrokenInvariant(`${constraint} of the log holds`, { cause: error });
  const [code, message] = known;
  return new Failure(code, message, false, { cause: error });
}

export async function withStoreFailures<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    throw asFailure(error);
  }
}
