import { Failure } from '@ringfence/kernel/failure';
import type { Epoch } from '@ringfence/kernel/lane';
import { pause } from '@ringfence/kernel/timers';
import type { RelayLease, RelayLeases } from '@ringfence/application/relay/relay-leases';
import type { Foundation } from './foundation.js';

type Running = { readonly stop: () => Promise<void> };

const renewEveryMs = 500;
/** An owner that was silent for this long is replaced. */
const ownerSilentMs = 5_000;

/**
 * Plays a part that one process of a cluster plays at a time: this one while it has the lease, and otherwise it stands by. What the part writes is fenced by
 * itself; the lease only says who tries.
 */
export function playWhenOurs(
  part: string,
  { owner, timers, log }: Pick<Foundation, 'owner' | 'timers' | 'log'>,
  leases: RelayLeases,
  play: () => Promise<Running>,
): Running {
  const ending = new AbortController();
  const { signal } = ending;
  const playing = (async () => {
    while (!signal.aborted) {
      try {
        const lease = await leases.take({ relay: part, owner, silentMs: ownerSilentMs, above: 0 as Epoch });
        if (lease !== null) {
          log.info({ part }, 'this process plays it from now on');
          await hold(lease, play);
        }
      } catch (failure) {
        log.warn({ part, err: failure }, 'it cannot be played here at the moment');
      }
      await pause(timers, renewEveryMs, signal);
    }
  })();

  async function hold(lease: RelayLease, begin: () => Promise<Running>): Promise<void> {
    const running = await begin();
    try {
      while (!signal.aborted) {
        await pause(timers, renewEveryMs, signal);
        await lease.renew().catch((failure: unknown) => {
          // While the database is away nobody else can take it either.
          if (!(failure instanceof Failure && failure.retryable)) throw failure;
        });
      }
    } finally {
      await running.stop();
      // So that the next owner need not wait; when it is not ours any more, there is nothing to let go.
      await lease.release().catch(() => undefined);
    }
  }

  return {
    stop: async () => {
      ending.abort();
      await playing;
    },
  };
}
