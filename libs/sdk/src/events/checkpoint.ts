/** Place up to which one partition of the events has been handled. */
export type Checkpoint = {
  /** Offset of the next record, as decimal digits. */
  readonly nextOffset: string;
  /** All events of the partition below this position have been handled; null: none yet. */
  readonly through: number | null;
};

/**
 * Store of a consumer's checkpoints. A service with a database keeps them there, in the same transaction as its own
 * changes. Each consumer needs its own store.
 */
export interface CheckpointStore {
  /** Loads the checkpoint of each partition that has one. */
  load(topic: string): Promise<ReadonlyMap<number, Checkpoint>>;
  /** Saves a checkpoint; durable when it settles. */
  save(topic: string, partition: number, checkpoint: Checkpoint): Promise<void>;
}
