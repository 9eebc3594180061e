import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { Failure, isRetryable } from '@ringfence/kernel/failure';
import type { Epoch } from '@ringfence/kernel/lane';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { RelayLease, RelayLeases } from '@ringfence/ports/leases/relay-leases';
import type { Needs } from './server-process.js';

type Running = { readonly stop: () => Promise<void> };

const renewEveryMs = 500;
/** An owner that was silent for this long is replaced. */
const ownerSilentMs = 5_000;

/**
 * Runs a duty while this process is its leader, and stands by otherwise. A duty has one leader in a cluster. Its writes
 * have their own fencing; the lease only decides which process tries. A process whose reactor has stopped for good does
 * not stand for election again, and leaves the duty to the others.
 * @param host receives the reports of the duty's reactor
 * @param start starts the duty, with the host that its reactor reports to
 */
export function runWhileLeader(
  duty: string,
  { owner, timers, log }: Needs<'owner' | 'timers' | 'log'>,
  leases: RelayLeases,
  host: ReactorHost,
  start: (host: ReactorHost) => Promise<Running>,
): Running {
  const ending = new AbortController();
  const candidacy = (async () => {
    while (!ending.signal.aborted) {
      try {
        const lease = await leases.take({ relay: duty, owner, silentMs: ownerSilentMs, above: 0 as Epoch });
        if (lease !== null) {
          log.event('leader_elected', { duty });
          await hold(lease);
        }
      } catch (failure) {
        log.event('leadership_not_acquired', { duty, err: failure });
      }
      await pause(timers, renewEveryMs, ending.signal);
    }
  })();

  async function hold(lease: RelayLease): Promise<void> {
    const over = new AbortController();
    try {
      const running = await begin(over);
      try {
        await renewing(lease, timers, AbortSignal.any([ending.signal, over.signal]));
      } finally {
        await running?.stop();
      }
    } finally {
      // Spares the next leader the wait for expiry. A lease that was lost already cannot be released, which is fine.
      await lease.release().catch(() => undefined);
    }
  }

  /** @returns undefined if the reactor stopped before the duty had started */
  async function begin(over: AbortController): Promise<Running | undefined> {
    const stopped = (reactor: string, cause: unknown) => {
      if (isLostLease(cause)) {
        log.event('leadership_lost', { duty, reactor });
      } else {
        host.stopped(reactor, cause);
        ending.abort();
      }
      over.abort();
    };
    try {
      return await start({
        stopped,
        onRetryableError: (reactor, cause) => {
          host.onRetryableError(reactor, cause);
        },
      });
    } catch (failure) {
      if (isRetryable(failure) || isLostLease(failure)) throw failure;
      stopped(duty, failure);
      return undefined;
    }
  }

  return {
    stop: async () => {
      ending.abort();
      await candidacy;
    },
  };
}

async function renewing(lease: RelayLease, timers: Timers, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(timers, renewEveryMs, signal);
    await lease.renew().catch((failure: unknown) => {
      // While the database is unavailable no other process can take it either.
      if (!isRetryable(failure)) throw failure;
    });
  }
}

/** Checks whether another process took the reactor's own lease, which is no fault of this one. */
function isLostLease(failure: unknown): boolean {
  return failure instanceof Failure && failure.code === 'reactor_lease_lost';
}
