import type { LaneHost } from '@ringfence/application/lane/lane-host';
import { LaneExecutor } from '@ringfence/application/lane/lane-executor';
import { ErasureReactor } from '@ringfence/application/reactors/personal-data/erasure-reactor';
import type { ReactorCheckpoints } from '@ringfence/application/reactors/reactor-checkpoints';
import type { ReactorHost } from '@ringfence/application/reactors/reactor-host';
import type { Routes } from '@ringfence/domain/calls/call.commands';
import { platformStream } from '@ringfence/kernel/ids';
import type { Position } from '@ringfence/kernel/units';
import { CommandConsumer } from '@ringfence/application/command-topic/command-consumer';
import type { EventFeed } from '@ringfence/application/feed/event-feed';
import { type ClientCommands, signedCommandDoor } from './client-commands.js';
import type { Cluster } from './cluster.js';
import type { Foundation } from './foundation.js';
import { playWhenOurs } from './one-of-many.js';

/** Only the sandbox carries calls in this release: a live call has no route. */
export const routes: Routes = { live: [], test: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }] };

export type Decider = {
  readonly executor: LaneExecutor;
  readonly ownsLanes: () => boolean;
  readonly stop: () => Promise<void>;
};

/**
 * Decides commands and carries out erasures: the one writer by itself, or one of several that share the lanes.
 * @param shared with the others of a cluster; null: there are none
 * @param onLost the one writer's lanes have gone to another process
 */
export async function startDecider(
  foundation: Foundation,
  checkpoints: ReactorCheckpoints,
  reactorHost: ReactorHost,
  shared: { readonly cluster: Cluster; readonly client: ClientCommands } | null,
  onLost: () => void,
): Promise<Decider> {
  const { store, vault, timers, clock, ids, openedLog, owner, log, metrics } = foundation;
  const cluster = shared?.cluster ?? null;
  // Before anything is decided or served: what the log says is erased, is erased.
  const erase = (host: ReactorHost) => ErasureReactor.start({ store, checkpoints, vault, timers, host, owner });
  const erasure =
    cluster === null
      ? await erase(reactorHost)
      : playWhenOurs('erasure', foundation, cluster.leases, reactorHost, erase);
  let owned = true;
  const host: LaneHost = {
    lanesLost: (lanes) => {
      if (cluster !== null) {
        log.warn({ lanes }, 'another process has taken lanes of ours before the group said so');
        return;
      }
      if (!owned) return;
      owned = false;
      log.fatal('another process has taken the lanes: this one can decide nothing any more and ends');
      onLost();
    },
    parked: ({ stream, type }, cause) => {
      log.error({ stream, type, err: cause }, 'a command was set aside: somebody has to look');
    },
    quarantined: (stream, cause) => {
      log.error({ stream, err: cause }, 'an account was set aside: somebody has to look');
    },
    broken: (cause) => {
      log.error({ err: cause }, 'a rule broke that only a bug breaks; state was built again from the log');
    },
  };
  const executor = await LaneExecutor.start({
    store,
    clock,
    timers,
    ids,
    log: openedLog,
    routes,
    owner,
    lanes: cluster === null ? 'all' : 'none',
    host,
    metrics: metrics.lane,
  });
  const lanes = shared === null ? null : await shareLanes(foundation, shared.cluster, shared.client, executor);
  return {
    executor,
    ownsLanes: () => owned,
    stop: async () => {
      await lanes?.stop();
      await executor.stop();
      await erasure.stop();
    },
  };
}

/** Takes the lanes that the group leaves to this process, and hears of what others write to the platform's stream. */
async function shareLanes(
  foundation: Foundation,
  cluster: Cluster,
  client: ClientCommands,
  executor: LaneExecutor,
): Promise<{ readonly stop: () => Promise<void> }> {
  const { openedLog, vault, log, feed, store, clock, ids } = foundation;
  const { bus, accountBus, topics, voucher, instance } = cluster;
  const following = new AbortController();
  const from = await store.head();
  const followed = hearOfPlatform(feed, from, executor, following.signal).catch((failure: unknown) => {
    if (!following.signal.aborted) log.error({ err: failure }, 'changes of the platform are not heard of any more');
  });
  const onTrouble = (cause: unknown) => {
    log.warn({ err: cause }, 'a partition of commands made trouble; it is tried again');
  };
  const { laneCount } = openedLog;
  const consumer = await CommandConsumer.start({
    bus,
    accountBus,
    topics,
    laneCount,
    executor,
    vault,
    voucher,
    clock,
    ids,
    door: signedCommandDoor(foundation, cluster, client),
    instance,
    onTrouble,
  });
  return {
    stop: async () => {
      await consumer.stop();
      following.abort();
      await followed;
    },
  };
}

async function hearOfPlatform(feed: EventFeed, from: Position, executor: LaneExecutor, signal: AbortSignal) {
  for await (const batch of feed.subscribe(from, signal))
    for (const { stream, version } of batch) if (stream === platformStream) executor.platformMoved(version);
}
