/** The process in which a reactor runs. Must not throw. */
export interface ReactorHost {
  /** Another process has the reactor now, or it cannot read on: it does nothing any more. */
  stopped(reactor: string, cause: unknown): void;
  /** Reports a failure after which the reactor goes on. It holds no personal value. */
  onRetryableError(reactor: string, cause: unknown): void;
}
