import { setTimeout as pause } from 'node:timers/promises';
import { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { parseAccountId } from '@ringfence/kernel/ids';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import { topicPrefixDefault, topicsOf } from '@ringfence/messaging/topics';
import { openPool } from '@ringfence/sql-postgres/pool';
import { type Bench, median } from '../bench.js';
import { eventsPerCall, writeHistory } from '../history.js';
import { issueWideKey } from '../http/platform.js';
import { Placing } from './placing.js';
import { Pump } from './pump.js';

const events = 1_000_000;
const rounds = 5;
const goalMs = 5_000;
const decider = 'decider-1';
const callsBefore = 300;
const perSecondBefore = 100;
const replyPartition = 7;
const snapshotWithinMs = 60_000;
const quiet = { RINGFENCE_LOG_LEVEL: 'warn' };

/** From the start of the one decider's process, after it was killed, to the first command that it accepts, with a long log behind it. */
export const deciderRestartBench: Bench = {
  name: 'decider-restart',
  title: `The one decider killed with -9 and started again, ${events.toLocaleString('en-US')} events in the log, one account's`,
  run: async (progress) => {
    const prepared = await prepare();
    progress(`history written: ${prepared.head.toLocaleString('en-US')} events`);
    const cluster = await ClusterOfMembers.start({ [decider]: 'decider' }, quiet, prepared.dataDir);
    const bus = new KafkaMessageBus({ brokers: cluster.broker.brokers, clientId: 'bench' });
    try {
      const placing = await Placing.for(cluster, bus, [prepared.keyId]);
      const pump = await Pump.start(bus, topicsOf(topicPrefixDefault), replyPartition);
      await pump.steady(placing.commands(callsBefore, replyPartition), perSecondBefore);
      await untilSnapshot(cluster.database.url, prepared.accountId);
      const took: { readonly firstDecisionMs: number; readonly readyMs: number }[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        await pump.steady(placing.commands(callsBefore, replyPartition), perSecondBefore);
        await cluster.member(decider).kill9();
        const [waiting] = placing.commands(1, replyPartition);
        if (waiting === undefined) throw new Error('there is no command');
        // It waits in the topic from before the process starts.
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

/** A platform's data with that much history in one account, whose key no limit holds back. */
async function prepare() {
  const platform = await PlatformProcess.start({ env: quiet });
  const { dataDir, keys } = platform;
  const { keyId } = await issueWideKey(platform);
  await platform.stop();
  const accountId = parseAccountId(keys.accountId);
  if (accountId === undefined) throw new Error(`no demo account: ${keys.accountId}`);
  const head = await writeHistory(dataDir, accountId, Math.ceil(events / eventsPerCall));
  return { dataDir, accountId, keyId, head };
}

/** What a decider that runs writes by itself, now and then. */
async function untilSnapshot(url: string, accountId: string): Promise<void> {
  const pool = openPool(url, { connectionsMax: 1 });
  try {
    const deadline = performance.now() + snapshotWithinMs;
    for (;;) {
      const { rowCount } = await pool.query('select from log.snapshot_head where stream = $1', [accountId]);
      if (rowCount === 1) return;
      if (performance.now() > deadline) throw new Error('the account has no snapshot');
      await pause(100);
    }
  } finally {
    await pool.end();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
