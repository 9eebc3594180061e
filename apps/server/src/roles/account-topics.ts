import {
  AccountTopicsBridge,
  type BridgeHost,
} from '@ringfence/command-transport/account-topics/account-topics-bridge';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { ReactorHost } from '@ringfence/reactors/reactor-host';
import type { Cluster } from './cluster.js';
import type { Foundation } from './foundation.js';
import { runWhileLeader } from './leader-election.js';

/** Every decider has one; one of them serves the topics that accounts have of their own, the others stand by. */
export function startAccountTopics(
  foundation: Foundation,
  { bus, accountBus, topics, leases }: Cluster,
  checkpoints: ReactorCheckpoints,
  reactorHost: ReactorHost,
): { readonly stop: () => Promise<void> } {
  const { store, timers, clock, openedLog, owner, log } = foundation;
  const { logId, laneCount } = openedLog;
  const host: BridgeHost = {
    serving: (account, served) => {
      log.info({ account }, served ? 'its own topics are served' : 'it has no topics of its own any more');
    },
    onRetryableError: (account, cause) => {
      log.warn({ account, err: cause }, 'topics of an account made trouble; it is tried again');
    },
  };
  return runWhileLeader('account-topics', foundation, leases, reactorHost, () =>
    Promise.resolve(
      AccountTopicsBridge.start({
        topics,
        laneCount,
        logId,
        store,
        bus,
        accountBus,
        checkpoints,
        timers,
        clock,
        owner,
        host,
      }),
    ),
  );
}
