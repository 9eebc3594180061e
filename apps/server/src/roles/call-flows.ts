import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { FlowReactor } from '@ringfence/reactors/flows/flow-reactor';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import type { Needs } from '../server-process.js';

/** Requests the flows of live calls. */
export function startCallFlows(
  process: Needs<'checkpoints' | 'clock' | 'ids' | 'outbound' | 'owner' | 'store' | 'timers' | 'vault'>,
  dispatcher: CommandDispatcher,
  host: ReactorHost,
): Promise<FlowReactor> {
  const { checkpoints, clock, ids, outbound, owner, store, timers, vault } = process;
  return FlowReactor.start({ store, checkpoints, timers, host, owner, vault, outbound, dispatcher, ids, clock });
}
