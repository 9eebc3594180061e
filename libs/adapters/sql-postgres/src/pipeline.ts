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
 * and one wake-up of the server. Each is a transaction of its own. For short statements, which only read: one waits for
 * those before it, and what is asked for several times in a turn is sent once.
 */
export class Pipeline implements Statements {
  #waiting: Pending[] = [];
  /** The answers to come of this turn, by name and parameters. */
  #asked = new Map<string, Promise<QueryResult>>();

  /** @param pool opened with `pipelined` */
  constructor(private readonly pool: Pool) {}

  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    const key = keyOf(statement);
    const asked = key === undefined ? undefined : this.#asked.get(key);
    // One name stands for one text, and so for rows of one shape.
    if (asked !== undefined) return asked as Promise<QueryResult<Row>>;
    const answer = new Promise<QueryResult<Row>>((resolve, reject) => {
      if (this.#waiting.length === 0)
        setImmediate(() => {
          this.#sendAll();
        });
      this.#waiting.push({ statement, resolve, reject });
    });
    if (key !== undefined) this.#asked.set(key, answer);
    return answer;
  }

  #sendAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    this.#asked = new Map();
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

/** undefined: the parameters are not all text, and the statement is sent each time. */
function keyOf({ name, values }: QueryConfig): string | undefined {
  const given: readonly unknown[] = values ?? [];
  const isText = name !== undefined && given.every((value) => typeof value === 'string');
  return isText ? JSON.stringify([name, ...given]) : undefined;
}

type Pending = {
  readonly statement: QueryConfig;
  readonly resolve: (result: QueryResult) => void;
  readonly reject: (failure: unknown) => void;
};
