import { Failure } from '@ringfence/kernel/failure';
import type { OpenTransaction, SqlDatabase } from '@ringfence/ports/sql/sql-database';

/** A database that fails at every n-th statement of a transaction. */
export function failingNow(real: SqlDatabase, everyNth: number): SqlDatabase {
  let statements = 0;
  let failures = 0;
  const failsNow = () => {
    statements += 1;
    if (statements % everyNth >= 2 || failures >= 12) return false;
    failures += 1;
    return true;
  };
  return {
    query: (sql, params, planned) => real.query(sql, params, planned),
    transaction: (work) =>
      real.transaction(async (tx) => {
        // Statements that nobody waits for fail later, as those of a real transaction do.
        const later = { fails: false };
        const faulty: OpenTransaction = {
          query: async (sql, params, planned) => {
            const rows = await tx.query(sql, params, planned);
            if (failsNow() || later.fails) throw gone();
            return rows as never;
          },
          execute: (sql, params) => {
            tx.execute(sql, params);
            later.fails ||= failsNow();
          },
        };
        const result = await work(faulty);
        if (later.fails) throw gone();
        return result;
      }),
  };
}

function gone(): Failure {
  return new Failure('database_unavailable', 'gone', true);
}
