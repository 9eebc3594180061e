import { PressedDigits } from '@ringfence/reactors/flows/pressed-digits';
import { runWhileLeader } from '../leader-election.js';
import { startAccountTopics } from '../roles/account-topics.js';
import { startCallFlows } from '../roles/call-flows.js';
import { startCarrier } from '../roles/carrier.role.js';
import { type ClientCommands, startClientCommands } from '../roles/client-commands.js';
import { DeciderExit } from '../roles/decider-exit.js';
import { type RunDuty, startDecider } from '../roles/decider.role.js';
import { runFirstStart } from '../roles/first-start.js';
import { createOperationsServer } from '../roles/http-server.js';
import { startNumberDeliveries } from '../roles/number-deliveries.js';
import { startProjector } from '../roles/projector.role.js';
import { groupSource, startRelay, topicSource } from '../roles/relay.js';
import { startWebhooks } from '../roles/webhooks.role.js';
import type { ServerProcess } from '../server-process.js';
import type { StartedRoles } from './started-roles.js';
import type { Cluster } from '../cluster.js';
import { lazily } from './lazily.js';
import { shareLanes } from './shared-lanes.js';

/** Starts the roles of one process of a cluster, which shares lanes, partitions and duties with the others. */
export async function startClustered(process: ServerProcess, cluster: Cluster): Promise<StartedRoles> {
  const { config, undo } = process;
  const { roles } = config;
  // What a process needs is loaded before it takes partitions and lanes, which would wait for it otherwise.
  const http = roles.has('gateway')
    ? await import('../roles/gateway.role.js')
    : { operations: await createOperationsServer(process) };
  if (roles.has('projector')) await startProjector(process, groupSource(process, cluster));

  // A decider, which writes the log, follows it directly; other processes follow it through the topic.
  const source = roles.has('decider') ? process.feed : topicSource(process, cluster);
  const clients = lazily(() => startClientCommands(process, source));
  // A gateway needs the keys for requests, a decider for signed commands.
  if (roles.has('gateway') || roles.has('decider')) await clients();
  if (roles.has('decider')) await startDeciding(process, cluster, await clients());
  // A gateway makes the first start, because it shows the first keys.
  const first = roles.has('gateway') ? await runFirstStart(process, cluster.dispatcher) : null;
  if (roles.has('carrier')) {
    const digits = new PressedDigits();
    const runDuty = dutiesOf(process, cluster);
    undo.own(await runDuty('carrier', (host) => startCarrier(process, cluster.dispatcher, digits, host)));
    undo.own(await runDuty('flows', (host) => startCallFlows(process, cluster.dispatcher, host)));
  }
  if ('operations' in http) return { app: http.operations, first };
  const commandTopics = {
    encryption: cluster.commandKeys.jwks,
    topics: cluster.topics,
    partitions: process.openedLog.laneCount,
  };
  const api = { dispatcher: cluster.dispatcher, clients: await clients(), commandTopics };
  return { app: await http.createGateway(process, api), first };
}

/** Decides for the lanes that the consumer group assigns to this process, and shares the duties of the deciders. */
async function startDeciding(process: ServerProcess, cluster: Cluster, clients: ClientCommands): Promise<void> {
  const { log, undo, onLost } = process;
  const exit = new DeciderExit(log, onLost);
  const runDuty = dutiesOf(process, cluster);
  const executor = await startDecider(process, exit, {
    lanes: 'none',
    runDuty,
    onLanesLost: (lanes) => {
      log.event('lanes_handed_over', { lanes });
    },
  });
  undo.own(await shareLanes(process, cluster, clients, executor, exit));
  undo.own(exit);
  undo.own(startRelay(process, cluster));
  undo.own(await runDuty('numbers', (host) => startNumberDeliveries(process, cluster.dispatcher, host)));
  undo.own(await runDuty('webhooks', (host) => startWebhooks(process, cluster.dispatcher, host)));
  undo.own(startAccountTopics(process, cluster));
}

/** A duty runs in one process of the cluster at a time. */
function dutiesOf(process: ServerProcess, { leases }: Cluster): RunDuty {
  return (duty, start) => Promise.resolve(runWhileLeader(duty, process, leases, process.reactors, start));
}
