import { CommandConsumer, decidersOf } from '@ringfence/command-transport/command-topic/command-consumer';
import { isOfNewerRelease } from '@ringfence/event-catalog/failures';
import { followFeed } from '@ringfence/event-feed/follow-feed';
import { Failure, isRetryable } from '@ringfence/kernel/failure';
import { platformStream } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import { PostgresPresence } from '@ringfence/reactor-checkpoints-postgres/postgres-presence';
import { type ClientCommands, signedCommandVerifier } from '../roles/client-commands.js';
import type { DeciderExit } from '../roles/decider-exit.js';
import type { Needs } from '../server-process.js';
import { logThrottle } from '../telemetry/log-throttle.js';
import type { Undo } from '../undo-stack.js';
import type { Cluster } from '../cluster.js';

/** Takes the lanes that the consumer group assigns to this process, and follows the platform's stream. */
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
      // At a planned stop this process keeps deciding until other processes have its lanes.
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
    verifier: signedCommandVerifier(process, cluster, clients),
    instance,
    onRetryableError: (cause) => {
      // The lane has been handed over; its new owner decides the pending commands.
      const handedOver = cause instanceof Failure && cause.code === 'lane_unavailable';
      if (!handedOver) log.event('command_partition_error', { err: cause });
    },
    onTopicRecreated: (lanes) => {
      log.event('command_topic_recreated', { lanes, topic: topics.commands });
    },
  });
}

/**
 * Reassigns the lanes of a dead decider at once. The group alone would wait for as long as a stalled member is allowed.
 */
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

/** Reports to the lanes the version of the platform's stream, which another process may be writing. */
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
      // Even if another process owns the stream: every decision depends on the platform's stream.
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
