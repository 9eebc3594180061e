import { CommandConsumer } from '@ringfence/command-transport/command-topic/command-consumer';
import type { LaneHost } from '@ringfence/lanes/lane-host';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { exampleRoutes } from '../examples.js';
import type { Recording } from '../checkers/recording.js';
import { type ProcessParts, describeCause } from './process-parts.js';
import { startSimulatedRelay } from './simulated-relay.js';
import { SimulatedVault } from './simulated-vault.js';

/**
 * Starts a decider as its role does.
 * @returns a function that stops it as its role does
 * @throws what the store threw: then it has to be restarted
 */
export async function startSimulatedDecider(parts: ProcessParts): Promise<() => Promise<void>> {
  const { process, store, bus, ids, salts, log, topics, clusterMac, recording } = parts;
  const { clock, timers, name } = process;
  const executor = await LaneExecutor.start({
    store,
    clock,
    timers,
    ids,
    salts,
    log,
    routes: exampleRoutes,
    owner: name,
    lanes: 'none',
    host: hostOf(name, recording),
  });
  const consumer = await CommandConsumer.start({
    accountBus: bus,
    bus,
    topics,
    laneCount: log.laneCount,
    executor,
    store,
    vault: new SimulatedVault(process),
    clusterMac,
    clock,
    ids,
    verifier: null,
    timers,
    instance: name,
    onRetryableError: (cause) => {
      recording.note({ kind: 'error', process: name, what: describeCause(cause) });
    },
    onTopicRecreated: (lanes) => {
      recording.note({
        kind: 'broken',
        process: name,
        what: `took the topic of lanes ${lanes.join(' ')} for a new one`,
      });
    },
  });
  const stopRelay = startSimulatedRelay(parts);
  return async () => {
    await stopRelay();
    await consumer.stop(() => true);
    await executor.stop();
  };
}

function hostOf(process: string, recording: Recording): LaneHost {
  const broken = (what: string, cause: unknown) => {
    recording.note({ kind: 'broken', process, what: `${what}: ${describeCause(cause)}` });
  };
  return {
    lanesLost: (lanes) => {
      recording.note({ kind: 'error', process, what: `lost ${lanes.join(' ')}` });
    },
    parked: ({ type }, cause) => {
      broken(`${type} was parked`, cause);
    },
    quarantined: (stream, cause) => {
      broken(`${stream} was quarantined`, cause);
    },
    outdated: (stream, cause) => {
      broken(`${stream} cannot be read`, cause);
    },
    broken: (cause) => {
      broken('a rule', cause);
    },
  };
}
