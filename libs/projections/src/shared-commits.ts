import type { Position } from '@ringfence/kernel/units';
import { type Checkpoint, lockCheckpoints, moveCheckpoints, setSchema } from './checkpoints.js';
import type { OpenTransaction, SqlDatabase } from '@ringfence/ports/sql/sql-database';

/** The most events of a write that shares its transaction: larger ones are worth a connection of their own. */
export const sharedEventsMax = 64;
/** Time for which the first of some writes waits for the others. */
const gatherMs = 2;

/** `moveTo`: the position that the checkpoint moves to; null: it stays, or has been moved. */
export type Written<Result> = { readonly result: Result; readonly moveTo: Position | null };

export type SharedWrite<Result> = {
  /** Schema of the rows, and name of the checkpoint. */
  readonly schema: string;
  /** True if rows are written, for which the schema has to be on the search path. */
  readonly hasRows: boolean;
  /** Writes under the checkpoint's lock. The transaction may be rolled back; then `alone` runs instead. */
  readonly within: (tx: OpenTransaction, checkpoint: Checkpoint | undefined) => Promise<Written<Result>>;
  /** Does the same in a transaction of its own. */
  readonly alone: () => Promise<Result>;
};

type Gathered = Pick<SharedWrite<unknown>, 'schema' | 'hasRows'> & {
  /** @returns `moveTo`, and a report of the result for after the commit */
  readonly within: (
    tx: OpenTransaction,
    checkpoint: Checkpoint | undefined,
  ) => Promise<{ readonly moveTo: Position | null; readonly report: () => void }>;
  readonly alone: () => Promise<void>;
};

/**
 * One transaction for the small writes of projections that are due at the same time, as all are after an event on a
 * quiet platform: their checkpoints are locked and moved together. If one of the writes fails, none is committed, and
 * each is repeated in a transaction of its own.
 */
export class SharedCommits {
  #gathered: Gathered[] = [];

  constructor(private readonly db: SqlDatabase) {}

  /** Settles when the write is committed. @throws as `alone` */
  commit<Result>({ schema, hasRows, within, alone }: SharedWrite<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({
        schema,
        hasRows,
        within: async (tx, checkpoint) => {
          const { result, moveTo } = await within(tx, checkpoint);
          return {
            moveTo,
            report: () => {
              resolve(result);
            },
          };
        },
        alone: () => alone().then(resolve, reject),
      });
      if (this.#gathered.length === 1) setTimeout(() => void this.#commitGathered(), gatherMs);
    });
  }

  async #commitGathered(): Promise<void> {
    const writes = this.#gathered.splice(0);
    const reports = writes.length === 1 ? null : await this.#together(writes).catch(() => null);
    if (reports === null) await Promise.all(writes.map(({ alone }) => alone()));
    else for (const report of reports) report();
  }

  #together(writes: readonly Gathered[]): Promise<readonly (() => void)[]> {
    return this.db.transaction(async (tx) => {
      const reports: (() => void)[] = [];
      const moves = new Map<string, Position>();
      const checkpoints = await lockCheckpoints(
        tx,
        writes.map(({ schema }) => schema),
      );
      for (const { schema, hasRows, within } of writes) {
        if (hasRows) setSchema(tx, schema);
        const { moveTo, report } = await within(tx, checkpoints.get(schema));
        if (moveTo !== null) moves.set(schema, moveTo);
        reports.push(report);
      }
      moveCheckpoints(tx, moves);
      return reports;
    });
  }
}
