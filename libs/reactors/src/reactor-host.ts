/** The process in which a reactor runs. Must not throw. */
export interface ReactorHost {
  /** Called when another process has taken over the reactor, or when it cannot read on: it has stopped. */
  stopped(reactor: string, cause: unknown): void;
  /** Reports a failure after which the reactor goes on. It contains no personal value. */
  onRetryableError(reactor: string, cause: unknown): void;
}
