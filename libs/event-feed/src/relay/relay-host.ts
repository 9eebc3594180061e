import type { Epoch } from '@ringfence/kernel/lane';
import type { Position } from '@ringfence/kernel/units';

/** The process in which a relay runs. Must not throw. */
export interface RelayHost {
  /** Called when it becomes the cluster's one relay; it continues at `next`. */
  leading(epoch: Epoch, next: Position): void;
  /** Another process has taken over. */
  replaced(): void;
  /** A batch was acknowledged: everything below `next` is in the topic. */
  published(events: number, next: Position): void;
  /** Called for each failure that is retried. */
  onRetryableError(cause: unknown): void;
}
