import {
  AccountTopicsBridge,
  type BridgeHost,
} from '@ringfence/command-transport/account-topics/account-topics-bridge';
import { runWhileLeader } from '../leader-election.js';
import type { Needs } from '../server-process.js';
import type { Cluster } from '../cluster.js';

/** Serves dedicated topics while this decider leads that duty; the other deciders stand by. */
export function startAccountTopics(
  process: Needs<'store' | 'timers' | 'clock' | 'openedLog' | 'owner' | 'log' | 'checkpoints' | 'reactors'>,
  { bus, accountBus, topics, leases }: Cluster,
): { readonly stop: () => Promise<void> } {
  const { store, timers, clock, openedLog, owner, log, checkpoints, reactors } = process;
  const { logId, laneCount } = openedLog;
  const host: BridgeHost = {
    serving: (account, served) => {
      log.event(served ? 'account_topics_served' : 'account_topics_dropped', { account });
    },
    onRetryableError: (account, cause) => {
      log.event('account_topics_error', { account, err: cause });
    },
  };
  return runWhileLeader('account-topics', process, leases, reactors, () =>
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
