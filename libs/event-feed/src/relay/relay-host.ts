import type { Epoch } from '@ringfence/kernel/lane';
import type { Position } from '@ringfence/kernel/units';

/** The process that hosts a relay. Must not throw. */
export interface RelayHost {
  /** Called when the relay becomes the leader; it continues at `next`. */
  leading(epoch: Epoch, next: Position): void;
  /** Called when another process has become the leader. */
  replaced(): void;
  /** Called when a batch was acknowledged: everything below `next` is in the topic. */
  published(events: number, next: Position): void;
  /** Called for each failure that is retried. */
  onRetryableError(cause: unknown): void;
}
