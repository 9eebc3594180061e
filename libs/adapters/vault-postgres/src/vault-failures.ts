import { Failure } from '@ringfence/kernel/failure';
import { isUnavailable } from '@ringfence/sql-postgres/pool';

/** The failure when the database does not answer, or not in time. */
export function vaultUnavailable(cause: unknown): Failure {
  return new Failure('vault_unavailable', 'the vault cannot be reached', true, { cause });
}

export function vaultOverrun(): Failure {
  return new Failure('vault_unavailable', 'too many personal values wait to be sealed, opened or erased', true);
}

/**
 * Runs a query of the database.
 * @throws Failure `vault_unavailable` if it is unavailable; the error of a statement that it refuses is a bug, and is
 * passed on
 */
export async function withVaultFailures<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (cause) {
    throw isUnavailable(cause) ? vaultUnavailable(cause) : cause;
  }
}
