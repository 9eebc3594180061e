import type { Planned, SqlDatabase, SqlTransaction } from '@ringfence/ports/sql/sql-database';
import type pg from 'pg';
import { withClient } from './held-client.js';
import type { Statements } from './pipeline.js';
import { isOutdatedPlan, unavailable } from './pool.js';
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
    const rows = () => rowsOf<Row>(this.pool, sql, params, planned, this.prepared);
    return rows().catch((failure: unknown) => {
      // Nothing was executed, and the statement has a new name now.
      if (isOutdatedPlan(failure)) return rows();
      throw failure;
    });
  }

  async transaction<Result>(work: (tx: SqlTransaction) => Promise<Result>): Promise<Result> {
    try {
      // A failed transaction is rolled back when its connection ends.
      return await withClient(this.pool, async (client) => {
        await rowsOf(client, 'begin');
        const result = await work({ query: (sql, params, planned) => rowsOf(client, sql, params, planned) });
        await rowsOf(client, 'commit');
        return result;
      });
    } catch (failure) {
      throw unavailable('database_unavailable', failure);
    }
  }
}

async function rowsOf<Row>(
  connection: pg.Pool | pg.PoolClient,
  sql: string,
  params?: readonly unknown[],
  planned: Planned = 'once',
  prepared: Statements = connection,
): Promise<readonly Row[]> {
  const name = params === undefined || planned === 'each_time' ? undefined : names.of(sql);
  try {
    // Without parameters it may be several statements, which cannot be prepared.
    if (params === undefined) return (await connection.query(sql)).rows as readonly Row[];
    const statement = { text: sql, values: [...params] };
    const result = await (name === undefined ? connection.query(statement) : prepared.query({ ...statement, name }));
    return result.rows as readonly Row[]; // the statement's author knows its columns
  } catch (error) {
    if (name !== undefined && isOutdatedPlan(error)) names.renew(sql, name);
    throw unavailable('database_unavailable', error);
  }
}
