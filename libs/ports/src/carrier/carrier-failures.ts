import { Failure } from '@ringfence/kernel/failure';

export const carrierFailures = {
  /** A failure of an order with an unknown outcome; repeating the same order does no harm. */
  carrier_unavailable: (why: string, cause?: unknown) =>
    new Failure('carrier_unavailable', `the carrier has not answered: ${why}`, true, { cause }),
} as const;
