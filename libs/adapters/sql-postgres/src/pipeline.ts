import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { withClient } from './held-client.js';

/** Executes statements, each by itself: a pool does, and a pipeline. */
export interface Statements {
  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
}

/** The most statements that are sent together; others of the same turn take another connection. */
const togetherMax = 32;

/**
 * Sends the statements of one turn of the event loop together, on one connection: they cost one round trip, one write
 * and one wake-up of the server. Each is a transaction of its own. For short statements: one waits for those before it.
 */
export class Pipeline implements Statements {
  #waiting: Pending[] = [];

  /** @param pool opened with `pipelined` */
  constructor(private readonly pool: Pool) {}

  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0)
        setImmediate(() => {
          this.#sendAll();
        });
      this.#waiting.push({ statement, resolve, reject });
    });
  }

  #sendAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < all.length; from += togetherMax) void this.#send(all.slice(from, from + togetherMax));
  }

  /** Never rejects. */
  async #send(together: readonly Pending[]): Promise<void> {
    try {
      await withClient(this.pool, (client) => sendOn(client, together));
    } catch (failure) {
      // No connection, or one that was closed after a failure: then every statement was answered.
      for (const { reject } of together) reject(failure);
    }
  }
}

/** @throws the first failure of a statement, when each has its answer: as a pool does, the connection is closed then */
async function sendOn(client: PoolClient, together: readonly Pending[]): Promise<void> {
  const { stream } = client.connection;
  stream.cork();
  const answers = together.map(({ statement }) => client.query(statement));
  stream.uncork();
  for (const [at, answer] of answers.entries()) void answer.then(together[at]?.resolve, together[at]?.reject);
  const failed = (await Promise.allSettled(answers)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

type Pending = {
  readonly statement: QueryConfig;
  readonly resolve: (result: QueryResult) => void;
  readonly reject: (failure: unknown) => void;
};
