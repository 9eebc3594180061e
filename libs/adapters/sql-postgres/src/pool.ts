import { Failure } from '@ringfence/kernel/failure';
import pg from 'pg';

const connectionsMaxDefault = 10;
const connectTimeoutMs = 5_000;
/**
 * Time after which a connection that is not used is closed. A new one costs a process, a log-in and all its plans, and
 * a pool needs its second one every few seconds, even with little to do.
 */
const idleTimeoutMs = 60_000;

/**
 * Begins the names of the platform's sessions. Releases before segments of the log named theirs without the colon, by
 * which a move into segments notices them.
 */
export const sessionPrefix = 'ringfence: ';

type PoolOptions = {
  readonly connectionsMax?: number;
  readonly applicationName?: string;
  /**
   * True for a `Pipeline` and for many transactions: a connection sends statements without waiting for the answer to
   * the one before. Such a connection refuses to copy tables. Default: false.
   */
  readonly pipelined?: boolean;
};

/** Opens a bounded pool. Statements have no time limit here: migrations and rebuilds may take long. */
export function openPool(url: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connectionsMax ?? connectionsMaxDefault,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    application_name: options.applicationName ?? 'ringfence',
    keepAlive: true,
    pipeline: options.pipelined ?? false,
  });
  // A broken idle connection is replaced at the next request; without a listener its error would end the process.
  pool.on('error', () => undefined);
  // The same applies to one that breaks between its hand-over and the first listener: its user learns of it from the
  // statement's error.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * SQLSTATE classes and codes that mean that the server is unavailable, stopping, full or busy, and not that the
 * statement is wrong: connections, rolled-back transactions, insufficient resources, objects in use, operator
 * intervention, I/O errors; a standby that does not write; a password that is being changed.
 */
const awayStates = /^(?:08|40|53|55|57|58)...$|^25006$|^28P01$/;

/**
 * Says whether the database could not be reached, or became unavailable. Checks shape, not class: in tests, errors of a
 * socket come from another realm.
 */
export function isUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('errors' in error && Array.isArray(error.errors))
    return error.errors.length > 0 && error.errors.every(isUnavailable);
  if ('code' in error && typeof error.code === 'string') return awayStates.test(error.code) || 'syscall' in error;
  return 'message' in error && typeof error.message === 'string' && awayMessages.test(error.message);
}

/** Errors that the driver reports only as text. */
const awayMessages =
  /connection (terminated|timeout|ended)|timeout (exceeded|expired)|client (was closed|has encountered)|not queryable|pool after calling end/i;

/** The SQLSTATE of a database's error; undefined for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/**
 * Says whether a prepared statement was refused because it would answer with other columns than when it was planned: a
 * table of the same name has replaced the one that it knew. Planned again, it works.
 */
export function isOutdatedPlan(error: unknown): boolean {
  return (
    sqlStateOf(error) === '0A000' && error instanceof pg.DatabaseError && error.routine === 'RevalidateCachedQuery'
  );
}

/** The name of the constraint in a database's error; undefined for any other error. */
export function brokenConstraintOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined;
}

/** Returns a Failure with this code if the database is unavailable; otherwise the error itself. */
export function unavailable(code: string, error: unknown): unknown {
  if (error instanceof Failure || !isUnavailable(error)) return error;
  return new Failure(code, 'The database cannot be reached.', true, { cause: error });
}
