/**
 * An operation that failed, with a code that programs may rely on. Neither a refusal (which is data) nor a broken
 * invariant (a bug). `code` is snake_case and belongs to the failure catalogue of the library that throws it.
 */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly code: string,
    message: string,
    /** True if the same request may succeed later, unchanged. */
    readonly retryable: boolean,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Says whether the same operation may succeed later. An error that is no `Failure` is a bug, and recurs. */
export function isRetryable(failure: unknown): boolean {
  return failure instanceof Failure && failure.retryable;
}
