import type { Epoch } from '@ringfence/kernel/lane';
import type { Position } from '@ringfence/kernel/units';

/** What a relay has to tell the process it runs in. Must not throw. */
export interface RelayHost {
  /** It is the cluster's one relay from now on, and goes on at `next`. */
  leading(epoch: Epoch, next: Position): void;
  /** Another process has taken over. */
  replaced(): void;
  /** A batch was acknowledged: everything below `next` is in the topic. */
  published(events: number, next: Position): void;
  /** Something failed that is tried again. */
  onRetryableError(cause: unknown): void;
}
