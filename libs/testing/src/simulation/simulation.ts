import { SeededRandom } from '../seeded-random.js';
import type { Recording } from '../checkers/recording.js';
import { Scheduler } from './scheduler.js';
import { AskCounter, SimulatedClient } from './simulated-client.js';
import { SimulatedCluster } from './simulated-cluster.js';
import { isConsumed } from './simulated-event-store.js';
import { SimulatedProcess, type World } from './simulated-process.js';
import { injectFault } from './fault-injector.js';
import { calm, drawFaultProfile } from './fault-profile.js';

/**
 * Bounds of a run: how long clients work, how long everything may take to settle afterwards, and the number of actions
 * in all.
 */
const workMsMin = 6_000;
const workMsMax = 16_000;
const beginWithinMs = 60_000;
const restWithinMs = 90_000;
/** The longest time for the clients' last requests. */
const servedWithinMs = 300_000;
const stepsMax = 60_000;

export type Run = {
  readonly seed: number;
  readonly recording: Recording;
  readonly cluster: SimulatedCluster;
  readonly settled: boolean;
  readonly servedInTheEnd: boolean;
  readonly steps: number;
};

/** Runs the simulation of a seed, which determines all of it. */
export async function simulate(seed: number): Promise<Run> {
  const random = new SeededRandom(seed);
  const scheduler = new Scheduler();
  const world: World = { scheduler, random, faults: calm, ending: new AbortController() };
  const cluster = new SimulatedCluster(world, random.between(2, 3), random.between(1, 2));
  await cluster.open();
  const outside = new SimulatedProcess('clients', world, 0);
  const asks = new AskCounter();
  const clients = Array.from(
    { length: random.between(2, 4) },
    (_, at) => new SimulatedClient(outside, cluster, asks, at + 1),
  );
  let [beginning, working, over] = [clients.length, clients.length, false];
  for (const client of clients)
    void client.begin().then(() => {
      beginning -= 1;
    });
  await scheduler.run(() => beginning === 0, beginWithinMs, stepsMax);
  world.faults = drawFaultProfile(random);
  for (const client of clients)
    void client
      .work(() => over)
      .then(() => {
        working -= 1;
      });
  injectFault(world, cluster, () => over);
  await scheduler.run(() => false, scheduler.nowMs + random.between(workMsMin, workMsMax), stepsMax);
  over = true;
  world.faults = calm;
  for (const slot of cluster.slots) cluster.start(slot);
  const isSettled = () =>
    working === 0 && everythingIsConsumed(cluster) && cluster.isLevel() && cluster.clocksAreRight();
  const settled = await scheduler.run(isSettled, scheduler.nowMs + restWithinMs, stepsMax);
  let served: readonly boolean[] = [];
  void Promise.all(clients.map((client) => client.isServed())).then((all) => (served = all));
  await scheduler.run(() => served.length > 0 && isSettled(), scheduler.nowMs + servedWithinMs, stepsMax);
  cluster.recording.end();
  world.ending.abort();
  return {
    seed,
    recording: cluster.recording,
    cluster,
    settled,
    servedInTheEnd: served.length > 0 && served.every(Boolean),
    steps: scheduler.steps,
  };
}

function everythingIsConsumed(cluster: SimulatedCluster): boolean {
  if (cluster.broker.transactionsOpen > 0) return false;
  if ([...cluster.log.consumed.values()].some(({ transactions }) => transactions.length > 0)) return false;
  return cluster.messagesIn('commands').every(({ partition, offset }) => {
    const consumed = [...cluster.log.consumed].find(([lane]) => lane === partition)?.[1];
    return consumed !== undefined && isConsumed(consumed, offset);
  });
}
