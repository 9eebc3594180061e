import { PressedDigits } from '@ringfence/reactors/flows/pressed-digits';
import { startCallFlows } from '../roles/call-flows.js';
import { startCarrier } from '../roles/carrier.role.js';
import { startClientCommands } from '../roles/client-commands.js';
import { DeciderExit } from '../roles/decider-exit.js';
import { startDecider } from '../roles/decider.role.js';
import { startNumberDeliveries } from '../roles/number-deliveries.js';
import { runFirstStart } from '../roles/first-start.js';
import { createOperationsServer } from '../roles/http-server.js';
import { startProjector } from '../roles/projector.role.js';
import { startWebhooks } from '../roles/webhooks.role.js';
import type { ServerProcess } from '../server-process.js';
import type { StartedRoles } from './started-roles.js';
import { lazily } from './lazily.js';

/** Starts the roles of a process that decides for all lanes, or of a projector beside one. */
export async function startSingle(process: ServerProcess): Promise<StartedRoles> {
  const { config, log, feed, reactors, undo, onLost } = process;
  const { roles } = config;
  if (roles.has('projector')) await startProjector(process);
  // The configuration allows no gateway and no carrier without a decider.
  if (!roles.has('decider')) return { app: await createOperationsServer(process), first: null };

  const clients = lazily(() => startClientCommands(process, feed));
  // Before lanes are taken, so that a start that fails over the keys takes no lanes from another process.
  if (roles.has('gateway')) await clients();
  const exit = new DeciderExit(log, onLost);
  const executor = await startDecider(process, exit, {
    lanes: 'all',
    runDuty: (_duty, start) => start(reactors),
    onLanesLost: (lanes) => {
      if (exit.isStopping) log.event('lanes_handed_over', { lanes });
      else exit.endReplaced();
    },
  });
  undo.own(exit);
  undo.own(await startNumberDeliveries(process, executor, reactors));
  undo.own(await startWebhooks(process, executor, reactors));
  const first = await runFirstStart(process, executor);
  if (roles.has('carrier')) {
    const digits = new PressedDigits();
    undo.own(await startCarrier(process, executor, digits, reactors));
    undo.own(await startCallFlows(process, executor, reactors));
  }
  if (!roles.has('gateway')) return { app: await createOperationsServer(process), first };
  const { createGateway } = await import('../roles/gateway.role.js');
  const api = { dispatcher: executor, clients: await clients(), commandTopics: null };
  return { app: await createGateway(process, api), first };
}
