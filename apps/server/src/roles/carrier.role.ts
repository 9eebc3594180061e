import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { CarrierReactor } from '@ringfence/reactors/calls/carrier-reactor';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { SandboxCarrier } from '@ringfence/carrier-sandbox/sandbox-carrier';
import { LiveCallQueries } from '@ringfence/read-models/calls/live-call.queries';
import type { Foundation } from './foundation.js';

/** Carries out what the log orders at the carrier; in this release the sandbox is the only one. */
export async function startCarrier(
  foundation: Foundation,
  checkpoints: ReactorCheckpoints,
  dispatcher: CommandDispatcher,
  host: ReactorHost,
): Promise<{ readonly stop: () => Promise<void> }> {
  const { store, vault, ids, clock, timers, owner, db, progress, config, log, tracing } = foundation;
  const onDial = (attemptId: string) => {
    log.debug({ attemptId }, 'an attempt is dialled');
  };
  const carrier = new SandboxCarrier({ workerId: `sandbox:${owner}`, timers, speed: config.sandboxSpeed, onDial });
  const liveCalls = new LiveCallQueries(db, progress);
  const reactor = await CarrierReactor.start({
    store,
    checkpoints,
    vault,
    carrier,
    dispatcher,
    liveCalls,
    ids,
    clock,
    timers,
    host,
    tracing,
    owner,
  });
  return {
    stop: async () => {
      await reactor.stop();
      await carrier.close();
    },
  };
}
