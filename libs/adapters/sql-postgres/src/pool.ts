import { Failure } from '@ringfence/kernel/failure';
import pg from 'pg';

const connectionsMaxDefault = 10;
const connectTimeoutMs = 5_000;

/** A bounded pool. Statements have no limit of their own here: migrations and rebuilds may be long. */
export function openPool(
  url: string,
  options: { readonly connectionsMax?: number; readonly applicationName?: string } = {},
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connectionsMax ?? connectionsMaxDefault,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: options.applicationName ?? 'ringfence',
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the next who asks; without a listener it would end the process.
  pool.on('error', () => undefined);
  // Nor is one that breaks in the moment at which somebody gets it, before he listens: who works with it learns it from
  // his statement.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * SQLSTATE classes and codes that say that the server is away, going, full or busy, and not that the statement is
 * wrong: connections, transactions rolled back, lack of room, objects in use, an operator's hand, its own I/O; a
 * standby that does not write, a password that is being changed.
 */
const awayStates = /^(?:08|40|53|55|57|58)...$|^25006$|^28P01$/;

/**
 * Says whether the database could not be reached, or went away in the middle. Checks shape, not class: errors of a
 * socket come from another realm in tests.
 */
export function isUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('errors' in error && Array.isArray(error.errors))
    return error.errors.length > 0 && error.errors.every(isUnavailable);
  if ('code' in error && typeof error.code === 'string') return awayStates.test(error.code) || 'syscall' in error;
  return 'message' in error && typeof error.message === 'string' && awayMessages.test(error.message);
}

/** Errors that the driver reports only in prose. */
const awayMessages =
  /connection (terminated|timeout|ended)|timeout (exceeded|expired)|client (was closed|has encountered)|not queryable|pool after calling end/i;

/** The SQLSTATE of a database's refusal; undefined for anything else. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** The name of the constraint that a database's refusal is about; undefined for anything else. */
export function brokenConstraintOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined;
}

/** A Failure with this code when the database is away; whatever it was otherwise. */
export function unavailable(code: string, error: unknown): unknown {
  if (error instanceof Failure || !isUnavailable(error)) return error;
  return new Failure(code, 'The database cannot be reached.', true, { cause: error });
}
