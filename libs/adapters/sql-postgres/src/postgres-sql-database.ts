import type { OpenTransaction, Planned, SqlDatabase } from '@ringfence/ports/sql/sql-database';
import type pg from 'pg';
import { withClient } from './held-client.js';
import type { Statements } from './pipeline.js';
import { isOutdatedPlan, unavailable } from './pool.js';
import { failureOf, PostgresTransaction, statementOf } from './postgres-transaction.js';
import { StatementNames } from './statement-names.js';

/** The names of this process. */
const names = new StatementNames();

/** SqlDatabase over a pool of connections, which its owner closes. */
export class PostgresSqlDatabase implements SqlDatabase {
  /** @param prepared executes prepared statements outside transactions; default: the pool */
  constructor(
    private readonly pool: pg.Pool,
    private readonly prepared: Statements = pool,
  ) {}

  async query<Row>(sql: string, params?: readonly unknown[], planned?: Planned): Promise<readonly Row[]> {
    const rows = () => this.#rowsOf<Row>(statementOf(names, sql, params, planned));
    return rows().catch((failure: unknown) => {
      // Nothing was executed, and the statement has a new name now.
      if (isOutdatedPlan(failure)) return rows();
      throw failure;
    });
  }

  async transaction<Result>(work: (tx: OpenTransaction) => Promise<Result>): Promise<Result> {
    try {
      // A failed transaction is rolled back when its connection ends.
      return await withClient(this.pool, async (client) => {
        const tx = new PostgresTransaction(client, names);
        tx.execute('begin');
        const result = await work(tx);
        await tx.query('commit');
        return result;
      });
    } catch (failure) {
      throw unavailable('database_unavailable', failure);
    }
  }

  async #rowsOf<Row>(statement: pg.QueryConfig): Promise<readonly Row[]> {
    try {
      const { rows } = await (statement.name === undefined
        ? this.pool.query(statement)
        : this.prepared.query(statement));
      return rows as readonly Row[]; // the statement's author knows its columns
    } catch (failure) {
      throw failureOf(names, { statement, failure });
    }
  }
}
