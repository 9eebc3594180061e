import { Failure } from '@ringfence/kernel/failure';
import type { SqlDatabase, SqlTransaction } from '@ringfence/ports/sql/sql-database';

/** A database that fails at every n-th statement of a transaction. */
export function failingNow(real: SqlDatabase, everyNth: number): SqlDatabase {
  let statements = 0;
  let failures = 0;
  return {
    query: (sql, params, planned) => real.query(sql, params, planned),
    transaction: (work) =>
      real.transaction((tx) => {
        const faulty: SqlTransaction = {
          query: async (sql, params, planned) => {
            statements += 1;
            const rows = await tx.query(sql, params, planned);
            if (statements % everyNth < 2 && failures < 12) {
              failures += 1;
              throw new Failure('database_unavailable', 'gone', true);
            }
            return rows as never;
          },
        };
        return work(faulty);
      }),
  };
}
