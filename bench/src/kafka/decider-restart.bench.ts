import { setTimeout as pause } from 'node:timers/promises';
import { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import { topicPrefixDefault, topicsOf } from '@ringfence/wire/topics';
import { openPool } from '@ringfence/sql-postgres/pool';
import { type Bench, median } from '../bench.js';
import { eventsPerCall, writeHistory } from '../history.js';
import { issueWideKey } from '../http/platform.js';
import { Placing } from './placing.js';
import { Pump } from './pump.js';
import { laneCount } from './signing-keys.js';

const events = 1_000_000;
const rounds = 5;
const goalMs = 5_000;
const decider = 'decider-1';
const callsBefore = 300;
const perSecondBefore = 100;
const replyPartition = 7;
/** The most events of the log that are not in the account's stream. */
const eventsOfOthersMax = 100;
const levelWithinMs = 1_200_000;
const levelLookMs = 500;
const quiet = { RINGFENCE_LOG_LEVEL: 'warn' };

type History = {
  readonly dataDir: string;
  readonly accountId: AccountId;
  readonly keyId: string;
  readonly head: number;
};

/**
 * Measures the time from the start of the only decider's process, after a kill, to the first command that it accepts,
 * with a long log.
 */
export const deciderRestartBench: Bench = {
  name: 'decider-restart',
  title: `The one decider killed with -9 and started again, ${events.toLocaleString('en-US')} events in the log, one account's`,
  run: async (progress) => {
    const prepared = await prepare();
    progress(`history written: ${prepared.head.toLocaleString('en-US')} events`);
    const cluster = await ClusterOfMembers.start(
      { [decider]: 'decider', 'projector-1': 'projector' },
      quiet,
      prepared.dataDir,
    );
    const bus = new KafkaMessageBus({ brokers: cluster.broker.brokers, clientId: 'bench' });
    try {
      const placing = await Placing.for(cluster, bus, [prepared.keyId]);
      const pump = await Pump.start(bus, topicsOf(topicPrefixDefault), replyPartition);
      await pump.steady(placing.commands(callsBefore, replyPartition), perSecondBefore);
      await untilLevel(cluster, bus, prepared);
      progress('the cluster has caught up');
      const took: { readonly firstDecisionMs: number; readonly readyMs: number }[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        await pump.steady(placing.commands(callsBefore, replyPartition), perSecondBefore);
        await cluster.member(decider).kill9();
        const [waiting] = placing.commands(1, replyPartition);
        if (waiting === undefined) throw new Error('there is no command');
        // It is in the topic before the process starts.
        const decided = pump.one(waiting);
        const startedAt = performance.now();
        const [{ readyAfterMs: readyMs }, firstDecisionMs] = await Promise.all([
          cluster.add(decider, 'decider'),
          decided.then(() => performance.now() - startedAt),
        ]);
        took.push({ firstDecisionMs, readyMs });
        progress(`round ${String(round)}: ${JSON.stringify(took.at(-1))}`);
      }
      await pump.stop();
      const all = took.map(({ firstDecisionMs }) => firstDecisionMs);
      const worst = Math.max(...all);
      return {
        rows: [
          {
            what: 'start of the process to the first decision, median',
            figure: seconds(median(all)),
            goal: '',
            met: null,
          },
          {
            what: `the worst of ${String(rounds)}`,
            figure: seconds(worst),
            goal: `< ${String(goalMs / 1_000)} s`,
            met: worst < goalMs,
          },
        ],
        details: { events: prepared.head, took },
      };
    } finally {
      await bus.close();
      await cluster.discard();
    }
  },
};

/** Prepares a platform's data with that much history in one account, whose key has no limits. */
async function prepare(): Promise<History> {
  const platform = await PlatformProcess.start({ env: quiet });
  const { dataDir, keys } = platform;
  const { keyId } = await issueWideKey(platform);
  await platform.stop();
  const accountId = parseAccountId(keys.accountId);
  if (accountId === undefined) throw new Error(`no demo account: ${keys.accountId}`);
  const head = await writeHistory(dataDir, accountId, Math.ceil(events / eventsPerCall));
  return { dataDir, accountId, keyId, head };
}

/**
 * Waits until the cluster is in the state of a long run: all events are on the topic, the keys are in their read model,
 * and the account has one of the snapshots that deciders write.
 */
async function untilLevel(
  cluster: ClusterOfMembers,
  bus: KafkaMessageBus,
  { accountId, head }: History,
): Promise<void> {
  const pool = openPool(cluster.database.url, { connectionsMax: 1 });
  const lane = laneOf(accountId, laneCount);
  const isLevel = async () => {
    const { rows } = await pool.query<{ readonly level: boolean }>(levelSql, [accountId]);
    const published = (await bus.ranges(topicsOf(topicPrefixDefault).events))[lane]?.next ?? 0n;
    return rows[0]?.level === true && published >= BigInt(head - eventsOfOthersMax);
  };
  try {
    const deadline = performance.now() + levelWithinMs;
    while (!(await isLevel())) {
      if (performance.now() > deadline) throw new Error('the cluster has not caught up with its log');
      await pause(levelLookMs);
    }
  } finally {
    await pool.end();
  }
}

const levelSql = `select exists (select from log.snapshot_head where stream = $1)
  and (select position from projection.checkpoint where name = 'key_registry') >= (select next from log.head) - 10 as level`;

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
