import { CommandConsumer, decidersOf } from '@ringfence/command-transport/command-topic/command-consumer';
import { isOfNewerRelease } from '@ringfence/event-catalog/failures';
import { followFeed } from '@ringfence/event-feed/follow-feed';
import { Failure, isRetryable } from '@ringfence/kernel/failure';
import { platformStream } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { PostgresPresence } from '@ringfence/reactor-checkpoints-postgres/postgres-presence';
import { type ClientCommands, signedCommandDoor } from '../roles/client-commands.js';
import type { DeciderExit } from '../roles/decider-exit.js';
import type { Needs } from '../server-process.js';
import { logThrottle } from '../telemetry/log-throttle.js';
import type { Undo } from '../undo-stack.js';
import type { Cluster } from '../cluster.js';

/** Takes the lanes that the group leaves to this process, and follows what others write to the platform's stream. */
export async function shareLanes(
  process: Needs<
    'clock' | 'feed' | 'ids' | 'log' | 'openedLog' | 'startPosition' | 'store' | 'storePool' | 'timers' | 'vault'
  >,
  cluster: Cluster,
  clients: ClientCommands,
  executor: LaneExecutor,
  exit: DeciderExit,
): Promise<{ readonly stop: Undo }> {
  const platform = followPlatform(process, executor, exit);
  const presence = await watchDeciders(process, cluster);
  const consumer = await startConsumer(process, cluster, clients, executor).catch(async (failure: unknown) => {
    await Promise.all([presence.stop(), platform.stop()]);
    throw failure;
  });
  return {
    stop: async (planned) => {
      await executor.snapshotHotStreams();
      // At a planned stop others of the cluster go on: lanes are decided for until they have them.
      await consumer.stop(() => planned && presence.hasOthers);
      await presence.stop();
      await platform.stop();
    },
  };
}

function startConsumer(
  process: Needs<'clock' | 'ids' | 'log' | 'openedLog' | 'store' | 'vault'>,
  cluster: Cluster,
  clients: ClientCommands,
  executor: LaneExecutor,
): Promise<CommandConsumer> {
  const { clock, ids, log, openedLog, store, vault } = process;
  const { bus, accountBus, topics, clusterMac, instance } = cluster;
  return CommandConsumer.start({
    bus,
    accountBus,
    topics,
    laneCount: openedLog.laneCount,
    executor,
    store,
    vault,
    clusterMac,
    clock,
    ids,
    door: signedCommandDoor(process, cluster, clients),
    instance,
    onRetryableError: (cause) => {
      // The lane is handed over: its new owner decides what was under way.
      const handedOver = cause instanceof Failure && cause.code === 'lane_unavailable';
      if (!handedOver) log.event('command_partition_error', { err: cause });
    },
    onTopicRecreated: (lanes) => {
      log.event('command_topic_recreated', { lanes, topic: topics.commands });
    },
  });
}

/** Gives what a dead decider had to the others at once: the group by itself would wait for it as long as a stalled one may take. */
function watchDeciders(
  { storePool: pool, timers, clock, log }: Needs<'storePool' | 'timers' | 'clock' | 'log'>,
  { topics, member, removeGone }: Cluster,
): Promise<PostgresPresence> {
  const shouldLog = logThrottle(clock);
  const onRetryableError = (cause: unknown) => {
    if (shouldLog(cause)) log.event('decider_watch_error', { err: cause });
  };
  const onGone = (isGone: (name: string) => boolean) => {
    removeGone(decidersOf(topics), isGone).then((removed) => {
      if (removed.length > 0) log.event('decider_gone', { members: removed });
    }, onRetryableError);
  };
  return PostgresPresence.start({ pool, timers, member, onGone, onRetryableError });
}

/** Tells the lanes how far the platform's stream is, which another process may be writing. */
function followPlatform(
  { feed: source, startPosition, clock, timers, log }: Needs<'feed' | 'startPosition' | 'clock' | 'timers' | 'log'>,
  executor: LaneExecutor,
  exit: DeciderExit,
): { readonly stop: () => Promise<void> } {
  const following = new AbortController();
  const shouldLog = logThrottle(clock);
  let next = startPosition;
  const followed = followFeed({
    source,
    clock,
    timers,
    signal: following.signal,
    next: () => next,
    onBatch: (batch) => {
      for (const { stream, version } of batch) if (stream === platformStream) executor.onPlatformAdvanced(version);
      const last = batch.at(-1);
      if (last !== undefined) next = position(last.position + 1);
    },
    onFailure: (failure) => {
      // Also when it is no stream of this process: every decision rests on the platform's stream.
      if (isOfNewerRelease(failure)) exit.endOutdated(failure);
      else if (shouldLog(failure))
        log.event(isRetryable(failure) ? 'platform_follow_error' : 'platform_follow_stopped', { err: failure });
    },
  });
  return {
    stop: async () => {
      following.abort();
      await followed;
    },
  };
}
