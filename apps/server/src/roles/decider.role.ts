import { checkLogAhead, latestDecisionMs } from '@ringfence/lanes/latest-decision';
import type { ClockTrouble } from '@ringfence/lanes/lane-clock';
import type { LaneHost } from '@ringfence/lanes/lane-host';
import type { QuarantineCause } from '@ringfence/lanes/quarantine';
import { isOfNewerRelease } from '@ringfence/event-catalog/failures';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { startErasureReactor } from '@ringfence/reactors/personal-data/erasure-reactor';
import { startRegisterReactor } from '@ringfence/reactors/register/register-reactor';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import type { Routes } from '@ringfence/domain/calls/call.commands';
import { Failure, isRetryable } from '@ringfence/kernel/failure';
import { platformStream } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { CommandConsumer, decidersOf } from '@ringfence/command-transport/command-topic/command-consumer';
import { PostgresPresence } from '@ringfence/reactor-checkpoints-postgres/postgres-presence';
import { followFeed } from '@ringfence/event-feed/follow-feed';
import type { Logger } from 'pino';
import { type ClientCommands, signedCommandDoor } from './client-commands.js';
import type { Cluster } from './cluster.js';
import type { Foundation } from './foundation.js';
import { runWhileLeader } from './leader-election.js';
import { RegisterFile } from '../start/register-file.js';
import { logThrottle } from '../telemetry/log-throttle.js';

/** Only the sandbox carries calls in this release: a live call has no route. */
export const routes: Routes = { live: [], test: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }] };

export type Decider = {
  readonly executor: LaneExecutor;
  readonly ownsLanes: () => boolean;
  /** Why nothing is decided just now; null: it is. */
  readonly clockTrouble: () => ClockTrouble | null;
  /** @param planned others of a cluster go on: lanes are decided for until they have them */
  readonly stop: (planned: boolean) => Promise<void>;
};

/** What a decider shares its lanes through. */
type Shared = { readonly cluster: Cluster; readonly client: ClientCommands };

/**
 * Decides commands and carries out erasures: the one writer by itself, or one of several that share the lanes.
 * @param shared with the others of a cluster; null: there are none
 * @param onLost this process may decide nothing any more and should end: the one writer's lanes have gone to another process, or a newer release has
 *   written what ours cannot read. May be called again
 */
export async function startDecider(
  foundation: Foundation,
  checkpoints: ReactorCheckpoints,
  reactorHost: ReactorHost,
  shared: Shared | null,
  onLost: () => void,
): Promise<Decider> {
  const { store, vault, timers, clock, ids, openedLog, owner, log, metrics, tracing, config } = foundation;
  const decidedUpToMs = await latestDecisionMs(store);
  checkLogAhead(decidedUpToMs, clock.now(), config.logAheadUntilMs);
  const cluster = shared?.cluster ?? null;
  // Before anything is decided or served: what the log says is erased, is erased.
  const play = (part: string, start: (host: ReactorHost) => Promise<{ readonly stop: () => Promise<void> }>) =>
    cluster === null ? start(reactorHost) : runWhileLeader(part, foundation, cluster.leases, reactorHost, start);
  const reactorParts = { store, checkpoints, timers, owner };
  const erasure = await play('erasure', (host) => startErasureReactor({ ...reactorParts, vault, host }));
  const register = new RegisterFile(foundation.config.dataDir);
  const registering = await play('register', (host) => startRegisterReactor({ ...reactorParts, register, host }));
  const ending = { owned: true, outdated: false, stopping: false };
  const endAsOutdated = (cause: unknown) => {
    if (ending.outdated) return;
    ending.outdated = true;
    log.fatal(
      { err: cause },
      'a newer release has written to the log: this process can decide nothing any more and ends',
    );
    onLost();
  };
  const endAsReplaced = () => {
    if (!ending.owned) return;
    ending.owned = false;
    log.fatal('another process has taken the lanes: this one can decide nothing any more and ends');
    onLost();
  };
  const executor = await LaneExecutor.start({
    store,
    clock,
    timers,
    ids,
    log: openedLog,
    routes,
    owner,
    decidedUpToMs,
    lanes: cluster === null ? 'all' : 'none',
    host: laneHost(log, cluster === null ? endAsReplaced : null, endAsOutdated, () => ending.stopping),
    metrics: metrics.lane,
    tracing,
  });
  const lanes =
    shared === null ? null : await shareLanes(foundation, shared, executor, endAsOutdated, () => ending.stopping);
  return {
    executor,
    ownsLanes: () => ending.owned,
    clockTrouble: () => executor.clockTrouble,
    stop: async (planned) => {
      ending.stopping = true;
      await lanes?.stop(planned);
      await executor.stop();
      await registering.stop();
      await erasure.stop();
    },
  };
}

/** @param onReplaced null: lanes come and go */
function laneHost(
  log: Logger,
  onReplaced: (() => void) | null,
  onOutdated: (cause: unknown) => void,
  isStopping: () => boolean,
): LaneHost {
  return {
    lanesLost: (lanes) => {
      if (isStopping()) log.info({ lanes }, 'others have taken lanes of ours');
      else if (onReplaced === null)
        log.warn({ lanes }, 'another process has taken lanes of ours before the group said so');
      else onReplaced();
    },
    outdated: (_stream, cause) => {
      onOutdated(cause);
    },
    parked: ({ stream, type }, cause) => {
      log.error({ stream, type, err: cause }, 'a command was set aside: somebody has to look');
    },
    quarantined: (stream, cause, why) => {
      log.error({ stream, why, err: cause }, saysOfQuarantine[why]);
    },
    broken: (cause) => {
      log.error({ err: cause }, 'a rule broke that only a bug breaks; state was built again from the log');
    },
  };
}

const saysOfQuarantine: Readonly<Record<QuarantineCause, string>> = {
  history: 'an account was set aside, for its history cannot be read: nothing of it is decided; somebody has to look',
  timer:
    'an account was set aside, for its timer fails: its calls can end, its keys be revoked, nothing new begins; somebody has to look',
};

/** Takes the lanes that the group leaves to this process, and hears of what others write to the platform's stream. */
async function shareLanes(
  foundation: Foundation,
  { cluster, client }: Shared,
  executor: LaneExecutor,
  onOutdated: (cause: unknown) => void,
  isStopping: () => boolean,
): Promise<{ readonly stop: (planned: boolean) => Promise<void> }> {
  const { openedLog, store, vault, log, clock, ids } = foundation;
  const { bus, accountBus, topics, voucher, instance } = cluster;
  const following = new AbortController();
  const shouldLog = logThrottle(clock);
  const followed = followPlatform(foundation, executor, following.signal, (failure) => {
    // Also when it is no stream of ours: what everybody's decisions rest on would not be heard of any more.
    if (isOfNewerRelease(failure)) onOutdated(failure);
    else if (!shouldLog(failure)) return;
    else if (isRetryable(failure))
      log.warn({ err: failure }, 'the platform’s stream could not be followed; it is tried again');
    else log.error({ err: failure }, 'changes of the platform are not heard of any more: somebody has to look');
  });
  const onRetryableError = (cause: unknown) => {
    // What a lane says that others have taken meanwhile: they decide it.
    const handedOver = isStopping() && cause instanceof Failure && cause.code === 'lane_unavailable';
    if (!handedOver) log.warn({ err: cause }, 'a partition of commands made trouble; it is tried again');
  };
  const { laneCount } = openedLog;
  const presence = await watchDeciders(foundation, cluster);
  const consumer = await CommandConsumer.start({
    bus,
    accountBus,
    topics,
    laneCount,
    executor,
    store,
    vault,
    voucher,
    clock,
    ids,
    door: signedCommandDoor(foundation, cluster, client),
    instance,
    onRetryableError,
    onTopicRecreated: (lanes) => {
      log.warn(
        { lanes, topic: topics.commands },
        'the topic of commands was made anew: these lanes begin with its first records',
      );
    },
  }).catch(async (failure: unknown) => {
    await presence.stop();
    throw failure;
  });
  return {
    stop: async (planned) => {
      await executor.snapshotHotStreams();
      await consumer.stop(() => planned && presence.hasOthers);
      await presence.stop();
      following.abort();
      await followed;
    },
  };
}

/** What a decider had that dies is given to the others at once: the group by itself would wait for it as long as a stalled one may take. */
function watchDeciders(
  { storePool: pool, timers, clock, log }: Foundation,
  cluster: Cluster,
): Promise<PostgresPresence> {
  const { topics, member, removeGone } = cluster;
  const shouldLog = logThrottle(clock);
  const onRetryableError = (cause: unknown) => {
    if (shouldLog(cause)) log.warn({ err: cause }, 'deciders that die are not noticed at once; it is tried again');
  };
  const onGone = (isGone: (name: string) => boolean) => {
    removeGone(decidersOf(topics), isGone).then((removed) => {
      if (removed.length > 0) log.warn({ members: removed }, 'a decider is gone: others have its lanes now');
    }, onRetryableError);
  };
  return PostgresPresence.start({ pool, timers, member, onGone, onRetryableError });
}

/** Tells the lanes how far the platform's stream is, which another process may be writing. */
function followPlatform(
  { feed: source, startPosition, clock, timers }: Foundation,
  executor: LaneExecutor,
  signal: AbortSignal,
  onFailure: (failure: unknown) => void,
): Promise<void> {
  let next = startPosition;
  return followFeed({
    source,
    clock,
    timers,
    signal,
    next: () => next,
    onBatch: (batch) => {
      for (const { stream, version } of batch) if (stream === platformStream) executor.onPlatformAdvanced(version);
      const last = batch.at(-1);
      if (last !== undefined) next = position(last.position + 1);
    },
    onFailure,
  });
}
