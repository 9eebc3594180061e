/** What a reactor has to tell the process it runs in. Must not throw. */
export interface ReactorHost {
  /** Another process has the reactor now, or it cannot read on: it does nothing any more. */
  stopped(reactor: string, cause: unknown): void;
  /** Something went wrong once and the reactor goes on. No personal datum is in it. */
  onRetryableError(reactor: string, cause: unknown): void;
}
