import { setTimeout as sleep } from 'node:timers/promises';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import { PostgresReactorCheckpoints } from '@ringfence/reactor-checkpoints-postgres/postgres-reactor-checkpoints';
import { checkZstd } from '@ringfence/messaging-kafka/zstd';
import type { Logger } from 'pino';
import { type Config, urlOf } from './config/config.js';
import { startAccountTopics } from './roles/account-topics.js';
import { clientCommands } from './roles/client-commands.js';
import { joinCluster } from './roles/cluster.js';
import { startCarrier } from './roles/carrier.role.js';
import { startDecider } from './roles/decider.role.js';
import { type FirstStartOutcome, runFirstStart } from './roles/first-start.js';
import { type Foundation, openInfrastructure } from './roles/foundation.js';
import { type Api, createGateway, startRegistry, startRejectionReporter } from './roles/gateway.role.js';
import { runWhileLeader } from './roles/leader-election.js';
import { startRelay, topicSource } from './roles/relay.js';
import { PlatformHealth } from './roles/health.js';
import { prepareProjector } from './roles/projector.role.js';
import { checkFolder } from './start/folder-check.js';
import { DataFiles } from './start/data-files.js';
import { InstanceLock } from './start/instance-lock.js';
import { addressFailure, checkAddress } from './start/port-check.js';
import { untilReady } from './start/until-ready.js';
import { ReactorWatch } from './telemetry/reactor-watch.js';
import type { Telemetry } from './telemetry/telemetry.js';

export type Platform = {
  readonly url: string;
  readonly database: string;
  /** null: nothing to show. */
  readonly first: FirstStartOutcome;
  /** @param planned nobody waits for it: a gateway takes requests for a while yet, so that clients and balancers go elsewhere */
  readonly stop: (planned: boolean) => Promise<void>;
};

/** What a stop may take; what does not end by then is ended with the process. */
export const stopMsMax = 25_000;

/** A started part, undone in the opposite order. */
type Undo = (planned: boolean) => Promise<void>;

/**
 * Starts the roles that this process plays: what is written to first, what people reach last. Settles when all of them are ready, or `signal` aborts.
 * @param onLost somebody else decides now: this process should end
 * @throws Failure with one line for people; whatever had been started is stopped again
 */
export async function startPlatform(
  config: Config,
  log: Logger,
  telemetry: Telemetry,
  onLost: () => void,
  signal: AbortSignal,
): Promise<Platform> {
  const undo: Undo[] = [];
  const stop = async (planned: boolean) => {
    for (const step of undo.splice(0).reverse()) await step(planned);
  };
  try {
    return { ...(await start(config, log, telemetry, undo, onLost, signal)), stop };
  } catch (failure) {
    const stopped = stop(false).catch((cause: unknown) => {
      log.error({ err: cause }, 'what had been started could not be stopped');
    });
    // Why it failed is said, whatever does not stop.
    await Promise.race([stopped, sleep(stopMsMax, undefined, { ref: false })]);
    throw failure;
  }
}

async function start(
  config: Config,
  log: Logger,
  telemetry: Telemetry,
  undo: Undo[],
  onLost: () => void,
  signal: AbortSignal,
): Promise<Omit<Platform, 'stop'>> {
  const { roles, host, port, dataDir } = config;
  if (config.kafka !== null) checkZstd();
  undo.push(await checkFolder(dataDir));
  const lock = await InstanceLock.take(dataDir);
  undo.push(() => lock.release());
  if (port !== 0) await checkAddress(host, port);
  const foundation = await openInfrastructure(config, log, telemetry);
  undo.push(foundation.stop);
  const cluster = config.kafka === null ? null : await joinCluster(foundation, config.kafka);
  if (cluster !== null) undo.push(cluster.stop);
  const checkpoints = await PostgresReactorCheckpoints.open(foundation.storePool);
  undo.push(() => checkpoints.close());
  const reactors = new ReactorWatch(log);

  const projector = roles.has('projector') ? await prepareProjector(foundation, cluster) : null;
  projector?.run();
  if (projector !== null) undo.push(projector.stop);
  // Who lets people in knows the keys, and so does who decides on what they have signed.
  const knowsKeys = roles.has('gateway') || (cluster !== null && roles.has('decider'));
  // Who writes the log hears of it here at once, and need not have it brought back by the topic.
  const source = cluster === null || roles.has('decider') ? foundation.feed : topicSource(foundation, cluster);
  const keys = knowsKeys ? await startRegistry(foundation, source) : null;
  if (keys !== null) undo.push(keys.stop);
  const client = keys === null ? null : await clientCommands(foundation, keys.registry);
  const shared = cluster === null || client === null ? null : { cluster, client };
  const decider = roles.has('decider') ? await startDecider(foundation, checkpoints, reactors, shared, onLost) : null;
  if (decider !== null) undo.push(decider.stop);
  if (cluster !== null && decider !== null) {
    undo.push(startRelay(foundation, cluster, onLost).stop);
    undo.push(startAccountTopics(foundation, cluster, checkpoints, reactors).stop);
  }
  const dispatcher = cluster?.dispatcher ?? decider?.executor ?? null;
  // In a cluster the gateways do it, for they say it to people.
  const makesReady = dispatcher !== null && (cluster === null || roles.has('gateway'));
  const first = makesReady ? await runFirstStart(foundation, dispatcher, signal, undone(undo)) : null;
  if (dispatcher !== null && roles.has('carrier')) {
    const start = (host: ReactorHost) => startCarrier(foundation, checkpoints, dispatcher, host);
    const carrier =
      cluster === null ? await start(reactors) : runWhileLeader('carrier', foundation, cluster.leases, reactors, start);
    undo.push(carrier.stop);
  }
  const health = new PlatformHealth(foundation, {
    decider,
    registry: roles.has('gateway') ? (keys?.registry ?? null) : null,
    projects: projector !== null,
    reactors: decider === null && !roles.has('carrier') ? null : reactors,
  });
  const api = roles.has('gateway') ? apiOf(foundation, { dispatcher, client, cluster }, undo) : null;
  const app = await createGateway(foundation, health, telemetry.requests, api);
  const url = await listen(app, config);
  undo.push(closing(app, health, foundation.timers, api === null ? 0 : config.drainMs));
  const files = new DataFiles(dataDir);
  await files.writeServer(url);
  undo.push(() => files.removeServer());
  await untilReady(health, foundation.timers, signal, (missing) => {
    log.warn({ missing }, 'the start takes long: not every part is ready');
  });
  return { url, database: foundation.database, first };
}

/** What the HTTP interface stands on. At a stop the log is told of what was turned away: after the last request, while there is still somebody who decides. */
function apiOf(
  foundation: Foundation,
  { dispatcher, client, cluster }: { [Part in 'dispatcher' | 'client']: Api[Part] | null } & Pick<Api, 'cluster'>,
  undo: Undo[],
): Api | null {
  if (client === null || dispatcher === null) return null;
  const turnedAway = startRejectionReporter(foundation, dispatcher);
  undo.push(() => turnedAway.stop());
  return { dispatcher, client, cluster, turnedAway };
}

/** What is let go of, whether the start comes to its end or not. */
function undone(undo: Undo[]): (release: () => void) => void {
  return (release) => {
    undo.push(() => {
      release();
      return Promise.resolve();
    });
  };
}

/** @param drainMs at a planned stop: how long requests are still taken before nobody listens any more */
function closing(app: NestFastifyApplication, health: PlatformHealth, timers: Timers, drainMs: number): Undo {
  return async (planned) => {
    health.beginStop();
    if (planned && drainMs > 0) await pause(timers, drainMs);
    // Requests under way are answered; who does not read its answer is not waited for.
    const late = setTimeout(() => {
      app.getHttpServer().closeAllConnections();
    }, requestsDrainMsMax);
    await app.close();
    clearTimeout(late);
  };
}

async function listen(app: NestFastifyApplication, { host, port }: Config): Promise<string> {
  try {
    await app.listen(port, host);
  } catch (failure) {
    throw addressFailure(host, port, failure as NodeJS.ErrnoException);
  }
  const address = app.getHttpServer().address();
  return urlOf(host, typeof address === 'object' && address !== null ? address.port : port);
}

/** At a stop: how long requests that are under way may take. */
const requestsDrainMsMax = 5_000;
