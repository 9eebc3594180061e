import { Failure } from '@ringfence/kernel/failure';

export const carrierFailures = {
  /** Whether the worker has carried the order out is unknown; the same order again does no harm. */
  carrier_unavailable: (why: string, cause?: unknown) =>
    new Failure('carrier_unavailable', `the carrier has not answered: ${why}`, true, { cause }),
} as const;
