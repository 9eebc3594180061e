import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import type { Logger } from 'pino';

/** Says in the log what the reactors of this process have to tell. */
export class ReactorWatch implements ReactorHost {
  /** Those that stand still until the process is started again: readiness looks at them. */
  readonly standing = new Set<string>();

  constructor(private readonly log: Logger) {}

  stopped(reactor: string, cause: unknown): void {
    this.standing.add(reactor);
    this.log.error({ reactor, err: cause }, 'a reactor does nothing any more: somebody has to look');
  }

  onRetryableError(reactor: string, cause: unknown): void {
    this.log.warn({ reactor, err: cause }, 'a reactor met trouble and goes on');
  }
}
