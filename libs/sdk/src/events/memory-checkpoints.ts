import type { Checkpoint, CheckpointStore } from './checkpoint.js';

/** Checkpoints that live as long as the process: after a restart a consumer begins from the start. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly #kept = new Map<string, Map<number, Checkpoint>>();

  load(topic: string): Promise<ReadonlyMap<number, Checkpoint>> {
    return Promise.resolve(new Map(this.#kept.get(topic)));
  }

  save(topic: string, partition: number, checkpoint: Checkpoint): Promise<void> {
    const ofTopic = this.#kept.get(topic) ?? new Map<number, Checkpoint>();
    this.#kept.set(topic, ofTopic.set(partition, checkpoint));
    return Promise.resolve();
  }
}
