import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresReactorCheckpoints } from '@ringfence/reactor-checkpoints-postgres/postgres-reactor-checkpoints';
import type { Config } from './config/config.js';
import { PlatformHealth } from './health.js';
import { openInfrastructure } from './infrastructure/infrastructure.js';
import { openOutbound } from './infrastructure/outbound.js';
import { serve } from './listening.js';
import { readKeys } from './roles/registry.js';
import type { FirstStartOutcome } from './roles/first-start.js';
import type { Needs, ServerProcess } from './server-process.js';
import { DataFiles } from './start/data-files.js';
import { checkFolder } from './start/folder-check.js';
import { InstanceLock } from './start/instance-lock.js';
import { checkAddress } from './start/port-check.js';
import { untilReady } from './start/until-ready.js';
import { ReactorWatch } from './telemetry/reactor-watch.js';
import type { Telemetry } from './telemetry/telemetry.js';
import { joinTopology, startRoles } from './topology/topology.js';
import { type Undo, UndoStack } from './undo-stack.js';

export type Platform = {
  readonly url: string;
  readonly database: string;
  /** The first keys to show; null: none. */
  readonly first: FirstStartOutcome;
  /** @param planned a gateway still takes requests for a while, so that clients and load balancers move on */
  readonly stop: Undo;
};

type StartOptions = Needs<'config' | 'log' | 'onLost' | 'signal'> & { readonly telemetry: Telemetry };

/** The time that a stop may take; the process exits then, whatever still runs. */
export const stopMsMax = 25_000;

/**
 * Starts the roles of this process: first the parts that are written to, last the HTTP server. Settles when all are
 * ready, or when `signal` aborts.
 * @throws Failure with one line for people, after stopping whatever had been started
 */
export async function startPlatform(options: StartOptions): Promise<Platform> {
  const undo = new UndoStack();
  const stop = (planned: boolean) => undo.run(planned);
  try {
    return { ...(await start(options, undo)), stop };
  } catch (failure) {
    const stopped = stop(false).catch((cause: unknown) => {
      options.log.event('startup_cleanup_failed', { err: cause });
    });
    // The reason is reported even if some part does not stop.
    await Promise.race([stopped, sleep(stopMsMax, undefined, { ref: false })]);
    throw failure;
  }
}

async function start(options: StartOptions, undo: UndoStack): Promise<Omit<Platform, 'stop'>> {
  const { config, log, telemetry, signal } = options;
  await claimDataFolder(config, undo);
  const infrastructure = undo.own(await openInfrastructure(config, log, telemetry.metrics));
  const knownKeys = readKeys({ config, db: infrastructure.db });
  const topology = await joinTopology({ ...infrastructure, config, log, undo });
  const process = await processOf({ ...options, ...infrastructure, knownKeys, undo });
  const { app, first } = await startRoles(process, topology);
  const url = await serve(process, app);
  await announceInDataFolder(config, url, undo);
  await untilReady(process.health, process.timers, signal, (missing) => {
    log.event('startup_slow', { missing });
  });
  return { url, database: process.database, first };
}

/** Makes sure that the data folder can be used, and that no other process uses it. */
async function claimDataFolder({ dataDir, host, port }: Config, undo: UndoStack): Promise<void> {
  undo.push(await checkFolder(dataDir));
  const lock = await InstanceLock.take(dataDir);
  undo.push(() => lock.release());
  if (port !== 0) await checkAddress(host, port);
}

/** Adds the parts shared by all roles to the infrastructure. */
async function processOf(
  base: StartOptions &
    Omit<ServerProcess, 'metrics' | 'tracing' | 'requestTracing' | 'outbound' | 'checkpoints' | 'reactors' | 'health'>,
): Promise<ServerProcess> {
  const { telemetry, config, log, clock, db, storePool, undo } = base;
  const checkpoints = await PostgresReactorCheckpoints.open(storePool);
  undo.push(() => checkpoints.close());
  const outbound = openOutbound(config);
  undo.push(() => outbound.close());
  const reactors = new ReactorWatch(log);
  const health = new PlatformHealth(clock, db);
  const { roles } = config;
  if (roles.has('decider') || roles.has('carrier')) health.watchStopped('reactors', () => reactors.stoppedReactors);
  const { metrics, tracing, requests: requestTracing } = telemetry;
  return { ...base, metrics, tracing, requestTracing, outbound, checkpoints, reactors, health };
}

/** Announces the server's address to other programs of this user. */
async function announceInDataFolder({ dataDir }: Config, url: string, undo: UndoStack): Promise<void> {
  const files = new DataFiles(dataDir);
  await files.writeServer(url);
  undo.push(() => files.removeServer());
}
