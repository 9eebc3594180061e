/** Position up to which one partition of the events has been handled. */
export type Checkpoint = {
  /** The next record's, as decimal digits. */
  readonly nextOffset: string;
  /** Every event of the partition below this position has been handled; null: none was yet. */
  readonly through: number | null;
};

/**
 * Store of a consumer's checkpoints; a service with a database keeps them there, in the transaction of its own work on
 * the events. One consumer, one store.
 */
export interface CheckpointStore {
  /** Loads the checkpoint of each partition that has one. */
  load(topic: string): Promise<ReadonlyMap<number, Checkpoint>>;
  /** Durable when it settles. */
  save(topic: string, partition: number, checkpoint: Checkpoint): Promise<void>;
}
