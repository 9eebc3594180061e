import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';

/** The event of one type, with its envelope. */
export type EnvelopeOf<Type extends DomainEventType> = RecordedEnvelope<Extract<DomainEvent, { type: Type }>>;

/**
 * What one type of event does to a batch: pure, in memory. It may throw: of a projection ordered by stream the event's stream is then parked,
 * one ordered by the log stops.
 */
export type Fold<Type extends DomainEventType, Batch> = (envelope: EnvelopeOf<Type>, batch: Batch) => void;

/** Names every type: a new event does not compile until somebody decides. */
export type Folds<Batch> = { readonly [Type in DomainEventType]: Fold<Type, Batch> | 'ignore' };

/**
 * A read model as a fold of the log. The engine owns schema, checkpoint, rebuild and swap; the rows of any history are the same however it was
 * cut into batches and however often parts of it came again. Nothing here may look at a clock or throw dice.
 */
export interface Projection<Batch> {
  /** Name of the schema its tables stand in: `[a-z][a-z_]{0,40}`. */
  readonly name: string;
  /** Raise it when the rows would come out differently: the engine builds the new ones beside the old ones and swaps. */
  readonly version: number;
  /** What its rows depend on: the order within each stream (a stream that fails is parked), or that of the whole log (a failure stops it). */
  readonly order: 'stream' | 'log';
  /** DDL of its tables, names without a schema. Every table has a primary key. */
  readonly tables: string;
  readonly newBatch: () => Batch;
  readonly on: Folds<Batch>;
  /** Writes a batch with a few set-based statements; table names without a schema. In one transaction with the checkpoint. */
  readonly write: (batch: Batch, tx: SqlTransaction) => Promise<void>;
}
