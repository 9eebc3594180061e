import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { CarrierReactor } from '@ringfence/reactors/calls/carrier-reactor';
import type { PressedDigits } from '@ringfence/reactors/flows/pressed-digits';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { SandboxCarrier } from '@ringfence/carrier-sandbox/sandbox-carrier';
import { NumberQueries } from '@ringfence/read-models/numbers/number.queries';
import { LiveCallQueries } from '@ringfence/read-models/calls/live-call.queries';
import type { Needs } from '../server-process.js';

/** Carries out the log's orders at the carrier; in this release the sandbox is the only one. */
export async function startCarrier(
  process: Needs<
    | 'checkpoints'
    | 'clock'
    | 'config'
    | 'db'
    | 'ids'
    | 'log'
    | 'owner'
    | 'progress'
    | 'store'
    | 'timers'
    | 'tracing'
    | 'vault'
  >,
  dispatcher: CommandDispatcher,
  digits: PressedDigits,
  host: ReactorHost,
): Promise<{ readonly stop: () => Promise<void> }> {
  const { checkpoints, store, vault, ids, clock, timers, owner, db, progress, config, log, tracing } = process;
  const onDial = (attemptId: string) => {
    log.event('attempt_dialled', { attemptId });
  };
  const carrier = new SandboxCarrier({ workerId: `sandbox:${owner}`, timers, speed: config.sandboxSpeed, onDial });
  const liveCalls = new LiveCallQueries(db, progress);
  const reactor = await CarrierReactor.start({
    store,
    checkpoints,
    vault,
    carrier,
    onSignal: (signal) => {
      digits.noteOf(signal);
    },
    callers: carrier,
    owners: new NumberQueries(db),
    onUnallocated: ({ attemptId }) => {
      log.event('incoming_call_unallocated', { attemptId });
    },
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
