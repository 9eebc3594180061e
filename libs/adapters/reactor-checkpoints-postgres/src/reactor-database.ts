import { unavailable } from '@ringfence/sql-postgres/pool';
import type { Pool, QueryResultRow } from 'pg';
import { createReactorSchema } from './reactor-schema.js';

/** Statements on the schema `reactor`, on the caller's pool. Failures have the caller's code. */
export class ReactorDatabase {
  private constructor(
    private readonly pool: Pool,
    private readonly failureCode: string,
  ) {}

  /**
   * Creates the schema if there is none.
   * @throws Failure `failureCode` (retryable)
   */
  static async open(pool: Pool, failureCode: string): Promise<ReactorDatabase> {
    await createReactorSchema(pool).catch((error: unknown) => {
      throw unavailable(failureCode, error);
    });
    return new ReactorDatabase(pool, failureCode);
  }

  /**
   * @param name of a statement that is run repeatedly: a connection plans it once
   * @throws Failure `failureCode` (retryable)
   */
  async query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[],
    name?: string,
  ): Promise<readonly Row[]> {
    try {
      const { rows } = await this.pool.query<Row>({
        text,
        values: [...values],
        ...(name === undefined ? {} : { name }),
      });
      return rows;
    } catch (error) {
      throw unavailable(this.failureCode, error);
    }
  }
}
