import type { SqlDatabase, SqlTransaction } from '@ringfence/projections/sql-database';
import type pg from 'pg';
import { unavailable } from './pool.js';

/** SqlDatabase over a pool of connections; the pool stays its owner's to close. */
export class PostgresSqlDatabase implements SqlDatabase {
  constructor(private readonly pool: pg.Pool) {}

  query<Row>(sql: string, params?: readonly unknown[]): Promise<readonly Row[]> {
    return rowsOf<Row>(this.pool, sql, params);
  }

  async transaction<Result>(work: (tx: SqlTransaction) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw unavailable('database_unavailable', error);
    });
    let broken = false;
    // A connection that breaks between two statements is told to nobody else.
    const onError = (): void => {
      broken = true;
    };
    client.on('error', onError);
    try {
      await rowsOf(client, 'begin');
      const result = await work({ query: (sql, params) => rowsOf(client, sql, params) });
      await rowsOf(client, 'commit');
      return result;
    } catch (failure) {
      await client.query('rollback').catch(onError);
      throw failure;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }
}

async function rowsOf<Row>(
  connection: pg.Pool | pg.PoolClient,
  sql: string,
  params?: readonly unknown[],
): Promise<readonly Row[]> {
  try {
    const result = await connection.query(sql, params === undefined ? undefined : [...params]);
    return result.rows as readonly Row[]; // the statement's author says what it selects
  } catch (error) {
    throw unavailable('database_unavailable', error);
  }
}
