/**
 * Something that could not be done, with a code that programs may rely on. Not a refusal (which is data) and not a broken invariant (a bug).
 * `code` is snake_case and stands in the failure catalogue of the library that throws it.
 */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly code: string,
    message: string,
    /** Whether the same request may succeed later without being changed. */
    readonly retryable: boolean,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Whether the same may succeed later. What is no `Failure` is a bug, and comes again. */
export function isRetryable(failure: unknown): boolean {
  return failure instanceof Failure && failure.retryable;
}
