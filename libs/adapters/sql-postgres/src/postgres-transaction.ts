import type { OpenTransaction, Planned } from '@ringfence/ports/sql/sql-database';
import type pg from 'pg';
import { isOutdatedPlan, unavailable } from './pool.js';
import type { StatementNames } from './statement-names.js';

type Failed = { readonly statement: pg.QueryConfig; readonly failure: unknown };

/**
 * Statements of one transaction, which its owner begins and commits. Those whose rows nobody needs wait for the next
 * one whose answer is needed and are sent with it, in one write: they cost no round trip and no wake-up of their own. A
 * connection that is not pipelined sends them one after the other.
 */
export class PostgresTransaction implements OpenTransaction {
  #waiting: pg.QueryConfig[] = [];

  constructor(
    private readonly client: pg.PoolClient,
    private readonly names: StatementNames,
  ) {}

  execute(sql: string, params?: readonly unknown[]): void {
    this.#waiting.push(statementOf(this.names, sql, params));
  }

  async query<Row>(sql: string, params?: readonly unknown[], planned?: Planned): Promise<readonly Row[]> {
    const statement = statementOf(this.names, sql, params, planned);
    const before = this.#waiting.splice(0);
    return (await (this.client.pipeline ? this.#together(before, statement) : this.#inTurn(before, statement)))
      .rows as readonly Row[]; // the statement's author knows its columns
  }

  async #inTurn(before: readonly pg.QueryConfig[], last: pg.QueryConfig): Promise<pg.QueryResult> {
    for (const statement of before) await this.#one(statement);
    return this.#one(last);
  }

  #one(statement: pg.QueryConfig): Promise<pg.QueryResult> {
    return this.client.query(statement).catch((failure: unknown) => {
      throw failureOf(this.names, { statement, failure });
    });
  }

  async #together(before: readonly pg.QueryConfig[], last: pg.QueryConfig): Promise<pg.QueryResult> {
    const failed: Failed[] = [];
    const { stream } = this.client.connection;
    stream.cork();
    for (const each of before)
      this.client.query(each, (failure: Error | null) => {
        if (failure !== null) failed.push({ statement: each, failure });
      });
    const answer = this.client.query(last);
    stream.uncork();
    const result = await answer.catch((failure: unknown) => {
      failed.push({ statement: last, failure });
      return null;
    });
    // The first one is the cause: after it the server refuses all others, and turns the commit into a rollback.
    const [cause] = failed;
    if (cause !== undefined || result === null)
      throw failureOf(this.names, cause ?? { statement: last, failure: null });
    return result;
  }
}

/** Makes the driver's form of a statement. Text without parameters may be several, which cannot be prepared. */
export function statementOf(
  names: StatementNames,
  sql: string,
  params?: readonly unknown[],
  planned: Planned = 'once',
): pg.QueryConfig {
  if (params === undefined) return { text: sql };
  const name = planned === 'each_time' ? undefined : names.of(sql);
  return { text: sql, values: [...params], ...(name === undefined ? {} : { name }) };
}

/** The failure of a statement as its caller sees it. The statement has a new name if its plan is outdated. */
export function failureOf(names: StatementNames, { statement, failure }: Failed): unknown {
  if (statement.name !== undefined && isOutdatedPlan(failure)) names.renew(statement.text, statement.name);
  return unavailable('database_unavailable', failure);
}
