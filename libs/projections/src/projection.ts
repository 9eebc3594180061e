import type { DomainEvent, DomainEventType, EventContext, EventsByContext } from '@ringfence/domain/domain-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';

/** An event of one type, or of several, with its envelope. */
export type EnvelopeOf<Type extends DomainEventType> = RecordedEnvelope<Extract<DomainEvent, { type: Type }>>;

/**
 * Effect of one type of event on a batch: pure, in memory. A fold may throw: in a projection ordered by stream the
 * event's stream is then parked, one ordered by the log stops.
 */
type Fold<Type extends DomainEventType, Batch> = (envelope: EnvelopeOf<Type>, batch: Batch) => void;

/** Folds of the events of one context: a fold or `'ignore'` for each of them, one fold for all, or `'ignore'` once. */
type FoldsOfContext<Type extends DomainEventType, Batch> =
  { readonly [Each in Type]: Fold<Each, Batch> | 'ignore' } | Fold<Type, Batch> | 'ignore';

/**
 * Folds of every context. A new event of a context that a projection reads does not compile until its effect is
 * decided.
 */
export type Folds<Batch> = {
  readonly [Context in EventContext]: FoldsOfContext<EventsByContext[Context]['type'], Batch>;
};

/**
 * A read model as a fold of the log. The engine owns schema, checkpoint, rebuild and swap; the rows of any history are
 * the same however it was cut into batches and however often parts of it were delivered again. Nothing here may read a
 * clock or draw a random number.
 */
export interface Projection<Batch> {
  /** Name of the schema of its tables: `[a-z][a-z_]{0,40}`. */
  readonly name: string;
  /** Raised when the rows would differ: the engine builds the new ones beside the old ones and swaps. */
  readonly version: number;
  /**
   * Order that the rows depend on: the order within each stream (a failing stream is parked), or that of the whole log
   * (a failure stops the projection).
   */
  readonly order: 'stream' | 'log';
  /** DDL of the tables, names without a schema. Every table has a primary key. */
  readonly tables: string;
  readonly newBatch: () => Batch;
  readonly on: Folds<Batch>;
  /**
   * Writes a batch with a few set-based statements; table names without a schema. They are sent together with those of
   * other projections, in one transaction with the checkpoint.
   */
  readonly write: (batch: Batch, tx: OpenTransaction) => void;
}
