import type { ReactorCheckpoints, ReactorLease } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import { Failure } from '@ringfence/kernel/failure';
import { position, type Position } from '@ringfence/kernel/units';
import type { Pool } from 'pg';
import { ReactorDatabase } from './reactor-database.js';

const saveSql = `update reactor.checkpoint set next = $3, saved_at = now() where reactor = $1 and epoch = $2 returning reactor`;

/** Checkpoints of the reactors, in the schema `reactor`. Backed up with the log; never rebuilt. */
export class PostgresReactorCheckpoints implements ReactorCheckpoints {
  private constructor(private readonly db: ReactorDatabase) {}

  /**
   * Creates the schema if there is none. The caller keeps the pool.
   * @throws Failure `reactor_checkpoints_unavailable` (retryable)
   */
  static async open(pool: Pool): Promise<PostgresReactorCheckpoints> {
    return new PostgresReactorCheckpoints(await ReactorDatabase.open(pool, 'reactor_checkpoints_unavailable'));
  }

  async take(reactor: string, owner: string): Promise<ReactorLease> {
    const [row] = await this.db.query<{ next: string; epoch: string }>(
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
    const saved = await this.db.query(saveSql, [reactor, epoch, next], 'reactor.save');
    if (saved.length === 0)
      throw new Failure('reactor_lease_lost', `the reactor ${reactor} has another owner now`, false);
  }
}
