import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import type { ServerLog } from './server-log.js';

/** Logs the reports of this process's reactors. */
export class ReactorWatch implements ReactorHost {
  /** Reactors that have stopped until the process is restarted; readiness lists them. */
  readonly stoppedReactors = new Set<string>();

  constructor(private readonly log: ServerLog) {}

  stopped(reactor: string, cause: unknown): void {
    this.stoppedReactors.add(reactor);
    this.log.event('reactor_stopped', { reactor, err: cause });
  }

  onRetryableError(reactor: string, cause: unknown): void {
    this.log.event('reactor_error', { reactor, err: cause });
  }
}
