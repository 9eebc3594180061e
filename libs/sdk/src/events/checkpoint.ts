/** How far one partition of the events has been handled. */
export type Checkpoint = {
  /** The next record's, as decimal digits. */
  readonly nextOffset: string;
  /** Every event of the partition below this position has been handled; null: none was yet. */
  readonly through: number | null;
};

/**
 * Where a consumer keeps how far it has come; a service with a database keeps it there, in the transaction of what it did about the events. One consumer, one store.
 */
export interface CheckpointStore {
  /** Of each partition of which there is one. */
  load(topic: string): Promise<ReadonlyMap<number, Checkpoint>>;
  /** Durable when it settles. */
  save(topic: string, partition: number, checkpoint: Checkpoint): Promise<void>;
}
