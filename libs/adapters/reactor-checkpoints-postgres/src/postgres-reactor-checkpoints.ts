import type { ReactorCheckpoints, ReactorLease } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import { Failure } from '@ringfence/kernel/failure';
import { position, type Position } from '@ringfence/kernel/units';
import { unavailable } from '@ringfence/sql-postgres/pool';
import type { Pool, QueryResultRow } from 'pg';
import { createReactorSchema } from './reactor-schema.js';

const saveSql = `update reactor.checkpoint set next = $3, saved_at = now() where reactor = $1 and epoch = $2 returning reactor`;

/** Checkpoints of the reactors, in the schema `reactor`. Backed up with the log; never rebuilt. */
export class PostgresReactorCheckpoints implements ReactorCheckpoints {
  private constructor(private readonly pool: Pool) {}

  /**
   * Makes the schema if there is none. The pool stays the caller's.
   * @throws Failure `reactor_checkpoints_unavailable` (retryable)
   */
  static async open(pool: Pool): Promise<PostgresReactorCheckpoints> {
    await createReactorSchema(pool).catch((error: unknown) => {
      throw unavailable('reactor_checkpoints_unavailable', error);
    });
    return new PostgresReactorCheckpoints(pool);
  }

  async take(reactor: string, owner: string): Promise<ReactorLease> {
    const [row] = await this.#query<{ next: string; epoch: string }>(
      `insert into reactor.checkpoint (reactor, owner, epoch) values ($1, $2, 1)
       on conflict (reactor) do update set owner = excluded.owner, epoch = reactor.checkpoint.epoch + 1
       returning next, epoch`,
      [reactor, owner],
    );
    if (row === undefined)
      throw new Failure('reactor_checkpoints_unavailable', 'taking a reactor returned nothing', true);
    const { epoch } = row;
    return { next: position(Number(row.next)), save: (next) => this.#save(reactor, epoch, next) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #save(reactor: string, epoch: string, next: Position): Promise<void> {
    const saved = await this.#query(saveSql, [reactor, epoch, next], 'reactor.save');
    if (saved.length === 0)
      throw new Failure('reactor_lease_lost', `the reactor ${reactor} has another owner now`, false);
  }

  /** @param name of a statement that is run again and again: a connection plans it once */
  async #query<Row extends QueryResultRow>(
    text: string,
    values?: readonly unknown[],
    name?: string,
  ): Promise<readonly Row[]> {
    try {
      const { rows } = await (values === undefined
        ? this.pool.query<Row>(text)
        : this.pool.query<Row>({ text, values: [...values], ...(name === undefined ? {} : { name }) }));
      return rows;
    } catch (error) {
      throw unavailable('reactor_checkpoints_unavailable', error);
    }
  }
}
