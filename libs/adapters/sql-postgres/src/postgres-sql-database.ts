import type { SqlDatabase, SqlTransaction } from '@ringfence/ports/sql/sql-database';
import type pg from 'pg';
import { withClient } from './held-client.js';
import { unavailable } from './pool.js';

/** SqlDatabase over a pool of connections, which its owner closes. */
export class PostgresSqlDatabase implements SqlDatabase {
  constructor(private readonly pool: pg.Pool) {}

  query<Row>(sql: string, params?: readonly unknown[]): Promise<readonly Row[]> {
    return rowsOf<Row>(this.pool, sql, params);
  }

  async transaction<Result>(work: (tx: SqlTransaction) => Promise<Result>): Promise<Result> {
    try {
      // A failed transaction is rolled back when its connection ends.
      return await withClient(this.pool, async (client) => {
        await rowsOf(client, 'begin');
        const result = await work({ query: (sql, params) => rowsOf(client, sql, params, preparedNameOf(sql)) });
        await rowsOf(client, 'commit');
        return result;
      });
    } catch (failure) {
      throw unavailable('database_unavailable', failure);
    }
  }
}

/**
 * The most statements of transactions that a connection keeps prepared. Transactions repeat the same few; a statement
 * beyond the maximum is planned every time.
 */
const preparedMax = 256;
const preparedNames = new Map<string, string>();

function preparedNameOf(sql: string): string | undefined {
  const known = preparedNames.get(sql);
  if (known !== undefined || preparedNames.size >= preparedMax) return known;
  const name = `transaction_${preparedNames.size}`;
  preparedNames.set(sql, name);
  return name;
}

async function rowsOf<Row>(
  connection: pg.Pool | pg.PoolClient,
  sql: string,
  params?: readonly unknown[],
  name?: string,
): Promise<readonly Row[]> {
  try {
    // Without parameters it may be several statements, which cannot be prepared.
    const result = await (params === undefined
      ? connection.query(sql)
      : connection.query({ text: sql, values: [...params], ...(name === undefined ? {} : { name }) }));
    return result.rows as readonly Row[]; // the statement's author knows its columns
  } catch (error) {
    throw unavailable('database_unavailable', error);
  }
}
