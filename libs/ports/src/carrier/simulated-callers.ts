import type { AttemptId } from '@ringfence/domain/shared/values';
import type { SimulatedCaller } from '@ringfence/domain/calls/call.events';

/** An order to let a caller ring. The numbers are in clear, as in `DialOrder`. */
export type RingOrder = SimulatedCaller & {
  readonly attemptId: AttemptId;
  readonly from: string;
  readonly to: string;
};

/** The callers that the sandbox simulates. A carrier signals their calls like those of real callers. */
export interface SimulatedCallers {
  /**
   * Lets a caller ring; a second order with the same attempt id does nothing.
   * @throws Failure `carrier_unavailable` as orders to a carrier
   */
  ring(order: RingOrder): Promise<void>;
}
