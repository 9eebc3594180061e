import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { NumberReactor } from '@ringfence/reactors/numbers/number-reactor';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { NumberQueries } from '@ringfence/read-models/numbers/number.queries';
import type { Needs } from '../server-process.js';

/** Carries numbers between the inventory and accounts. */
export function startNumberDeliveries(
  process: Needs<'checkpoints' | 'clock' | 'db' | 'owner' | 'store' | 'timers' | 'vault'>,
  dispatcher: CommandDispatcher,
  host: ReactorHost,
): Promise<NumberReactor> {
  const { checkpoints, clock, db, owner, store, timers, vault } = process;
  const pending = new NumberQueries(db);
  return NumberReactor.start({ store, checkpoints, timers, host, owner, dispatcher, vault, clock, pending });
}
