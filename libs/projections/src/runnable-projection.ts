import type { DomainEventType } from '@ringfence/domain/domain-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { invariant } from '@ringfence/kernel/invariant';
import type { Fold, Projection } from './projection.js';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';

/** A projection whose batch nobody else sees: what the engine works with. */
export type RunnableProjection = Pick<Projection<unknown>, 'name' | 'version' | 'order' | 'tables'> & {
  readonly handles: (type: DomainEventType) => boolean;
  readonly begin: () => OpenBatch;
};
export type OpenBatch = {
  /** May throw, as folds may; the batch is then worth nothing any more. */
  readonly fold: (envelope: RecordedEnvelope) => void;
  readonly write: (tx: SqlTransaction) => Promise<void>;
};

const namePattern = /^[a-z][a-z_]{0,40}$/;

/** @throws BrokenInvariant on a name that is no plain schema name, or one that ends like the engine's own */
export function runnable<Batch>(projection: Projection<Batch>): RunnableProjection {
  const { name, version, order, tables, newBatch, on, write } = projection;
  invariant(namePattern.test(name) && !/_(next|old)$/.test(name), `${name} can be the name of a projection`);
  return {
    name,
    version,
    order,
    tables,
    handles: (type) => on[type] !== 'ignore',
    begin: () => {
      const batch = newBatch();
      return {
        fold: (envelope) => {
          // TypeScript cannot see that the fold found under an event's type takes that event.
          const fold = on[envelope.data.type] as Fold<DomainEventType, Batch> | 'ignore';
          if (fold !== 'ignore') fold(envelope, batch);
        },
        write: (tx) => write(batch, tx),
      };
    },
  };
}
