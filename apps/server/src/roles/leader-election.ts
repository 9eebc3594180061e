import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { Failure, isRetryable } from '@ringfence/kernel/failure';
import type { Epoch } from '@ringfence/kernel/lane';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { RelayLease, RelayLeases } from '@ringfence/ports/leases/relay-leases';
import type { Foundation } from './foundation.js';

type Running = { readonly stop: () => Promise<void> };

const renewEveryMs = 500;
/** An owner that was silent for this long is replaced. */
const ownerSilentMs = 5_000;

/**
 * Plays a part that one process of a cluster plays at a time: this one while it has the lease, and otherwise it stands by. What the part writes is fenced by
 * itself; the lease only says who tries. A part that stands still for good is left to the other processes: this one does not take it again.
 * @param host hears what the part's reactor says of itself
 * @param play begins the part, whose reactor tells what happens to the host that it is given
 */
export function runWhileLeader(
  part: string,
  { owner, timers, log }: Pick<Foundation, 'owner' | 'timers' | 'log'>,
  leases: RelayLeases,
  host: ReactorHost,
  play: (host: ReactorHost) => Promise<Running>,
): Running {
  const ending = new AbortController();
  const playing = (async () => {
    while (!ending.signal.aborted) {
      try {
        const lease = await leases.take({ relay: part, owner, silentMs: ownerSilentMs, above: 0 as Epoch });
        if (lease !== null) {
          log.info({ part }, 'this process plays it from now on');
          await hold(lease);
        }
      } catch (failure) {
        log.warn({ part, err: failure }, 'it cannot be played here at the moment');
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
      // So that the next owner need not wait; when it is not ours any more, there is nothing to let go.
      await lease.release().catch(() => undefined);
    }
  }

  /** @returns undefined: it stands still before it has begun */
  async function begin(over: AbortController): Promise<Running | undefined> {
    const stopped = (reactor: string, cause: unknown) => {
      if (isLostLease(cause)) {
        log.info({ part, reactor }, 'another process has it now');
      } else {
        host.stopped(reactor, cause);
        ending.abort();
      }
      over.abort();
    };
    try {
      return await play({
        stopped,
        onRetryableError: (reactor, cause) => {
          host.onRetryableError(reactor, cause);
        },
      });
    } catch (failure) {
      if (isRetryable(failure) || isLostLease(failure)) throw failure;
      stopped(part, failure);
      return undefined;
    }
  }

  return {
    stop: async () => {
      ending.abort();
      await playing;
    },
  };
}

async function renewing(lease: RelayLease, timers: Timers, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(timers, renewEveryMs, signal);
    await lease.renew().catch((failure: unknown) => {
      // While the database is away nobody else can take it either.
      if (!isRetryable(failure)) throw failure;
    });
  }
}

/** Its reactor's own lease went to another process: nothing is wrong with this one. */
function isLostLease(failure: unknown): boolean {
  return failure instanceof Failure && failure.code === 'reactor_lease_lost';
}
