import { setTimeout as pause } from 'node:timers/promises';
import { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { migrateLog } from '@ringfence/event-store-postgres/migrate';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import { topicPrefixDefault, topicSpecs, topicsOf } from '@ringfence/wire/topics';
import { openPool } from '@ringfence/sql-postgres/pool';
import { type Bench, median, percentile } from '../bench.js';
import { cpuSeconds } from '../http/platform.js';
import { startEcho } from './echo-process.js';
import { type CheckCost, Placing } from './placing.js';
import { type CommandRecord, Pump } from './pump.js';

const accounts = 64;
const rounds = 5;
const window = 2_048;
/**
 * Warm-up. Nobody answers the calls, and each rings for a minute: all rounds together take less, so that none is
 * measured while calls of an earlier one end.
 */
const warmMs = 1_000;
const measuredMs = 2_500;
/** More commands per second than either side can decide. */
const perSecondMax = 9_000;
/** Rate of commands of which every value has to be decrypted. */
const openedPerSecondMax = 4_000;
const steadyPerSecond = 200;
const steadySeconds = 2;
const ringingMs = 60_000;
const settleMs = 8_000;
const replyPartition = 7;
const ratioGoal = 0.6;
const latencyGoalMs = 25;

/** Figures of one side. `cpuMicros`: of the process that answers, per command. */
type Side = { readonly perSecond: number; readonly cpuMicros: number; readonly p50Ms: number; readonly p99Ms: number };
type Round = { readonly echo: Side; readonly platform: Side };

/** Commands through Kafka end to end, compared with an echo that does the necessary work with the bare client. */
export const kafkaBench: Bench = {
  name: 'kafka',
  title:
    'Signed commands through Kafka: published, verified, decided, durable, answered; beside an echo on the bare client',
  run: async (progress) => {
    const cluster = await ClusterOfMembers.start(
      { 'decider-1': 'decider', 'projector-1': 'projector', 'gateway-1': 'gateway' },
      { RINGFENCE_LOG_LEVEL: 'warn' },
    );
    const bus = new KafkaMessageBus({ brokers: cluster.broker.brokers, clientId: 'bench' });
    try {
      const placing = await Placing.openAccounts(cluster, bus, 'gateway-1', accounts);
      // They take no part in the measurement.
      await Promise.all(['gateway-1', 'projector-1'].map((name) => cluster.member(name).stop()));
      const echoTopics = topicsOf('echo');
      await bus.ensureTopics(topicSpecs(echoTopics, 64, 1));
      const databaseUrl = await echoDatabase(cluster.database.url);
      const [warmUp, ...prepared] = Array.from({ length: 1 + rounds }, () => commandsOfRound(placing));
      progress('commands signed');
      const platform = await Pump.start(bus, topicsOf(topicPrefixDefault), replyPartition);
      await warm(platform, warmUp);
      const eventBytes = await placedBytes(cluster.database.url);
      const echo = await startEcho({
        brokers: cluster.broker.brokers,
        databaseUrl,
        topics: echoTopics,
        publicKey: placing.publicKey,
        eventBytes,
      });
      const pumps = { echo: await Pump.start(bus, echoTopics, replyPartition), platform };
      await warm(pumps.echo, warmUp);
      await pause(ringingMs + settleMs);
      const measured: Round[] = [];
      const began = performance.now();
      for (const [round, commands] of prepared.entries()) {
        measured.push({
          echo: await side(pumps.echo, commands, echo.pid),
          platform: await side(pumps.platform, commands, cluster.member('decider-1').pid),
        });
        progress(`round ${String(round + 1)}: ${JSON.stringify(measured.at(-1))}`);
      }
      const tookMs = performance.now() - began;
      if (tookMs > ringingMs)
        progress(
          `the rounds took ${(tookMs / 1_000).toFixed(0)} s: calls of the first have run out while the last were measured`,
        );
      const sealedAgain = await placing.commandsSealedAgain(
        (openedPerSecondMax * (warmMs + measuredMs)) / 1_000,
        replyPartition,
      );
      const opened = await pumps.platform.saturate(sealedAgain, window, warmMs, measuredMs);
      progress(`every value encrypted again: ${JSON.stringify(opened)}`);
      await Promise.all(Object.values(pumps).map((pump) => pump.stop()));
      await echo.stop();
      const check = await placing.signatureCheck();
      return { rows: rowsOf(measured, check, opened.perSecond), details: { eventBytes, measured, check, opened } };
    } finally {
      await bus.close();
      await cluster.discard();
    }
  },
};

/** A round that is not measured. */
async function warm(pump: Pump, commands: Commands | undefined): Promise<void> {
  if (commands === undefined) throw new Error('there are no commands');
  await pump.saturate(commands.many, window, 2 * warmMs, measuredMs);
  await pump.steady(commands.few, steadyPerSecond);
}

/** Bytes of one CallPlaced, as written by the platform. */
async function placedBytes(url: string): Promise<number> {
  const pool = openPool(url, { connectionsMax: 1 });
  const sql =
    "select round(avg(length(bytes)))::integer as bytes from log.event where type like 'ringfence.call.placed.%'";
  const { rows } = await pool.query<{ readonly bytes: number | null }>(sql);
  await pool.end();
  const [row] = rows;
  if (row === undefined || row.bytes === null) throw new Error('no call was placed');
  return row.bytes;
}

/** Commands, the same for both sides. */
type Commands = { readonly many: readonly CommandRecord[]; readonly few: readonly CommandRecord[] };

/** Enough for the round that warms, which is the longest. */
function commandsOfRound(placing: Placing): Commands {
  const many = placing.commands((perSecondMax * (2 * warmMs + measuredMs)) / 1_000, replyPartition);
  return { many, few: placing.commands(steadyPerSecond * steadySeconds, replyPartition) };
}

async function side(pump: Pump, { many, few }: Commands, pid: number): Promise<Side> {
  const before = await cpuSeconds([pid]);
  const { perSecond, replies } = await pump.saturate(many, window, warmMs, measuredMs);
  const cpuMicros = (1_000_000 * ((await cpuSeconds([pid])) - before)) / replies;
  const took = await pump.steady(few, steadyPerSecond);
  return { perSecond, cpuMicros, p50Ms: percentile(took, 50), p99Ms: percentile(took, 99) };
}

async function echoDatabase(url: string): Promise<string> {
  const admin = openPool(url, { connectionsMax: 1 });
  await admin.query('create database echo');
  await admin.end();
  const own = new URL(url);
  own.pathname = '/echo';
  const pool = openPool(own.href, { connectionsMax: 1 });
  await migrateLog(pool);
  await pool.end();
  return own.href;
}

function rowsOf(measured: readonly Round[], check: CheckCost, openedPerSecond: number) {
  const of = (pick: (round: Round) => number) => median(measured.map(pick));
  const ratio = of(({ platform, echo }) => platform.perSecond / echo.perSecond);
  const cpu = of(({ platform }) => platform.cpuMicros);
  const later = of(({ platform, echo }) => platform.p99Ms - echo.p99Ms);
  return [
    { what: 'commands', figure: `${figure(of(({ platform }) => platform.perSecond))}/s`, goal: '', met: null },
    { what: 'the echo', figure: `${figure(of(({ echo }) => echo.perSecond))}/s`, goal: '', met: null },
    {
      what: 'of the echo',
      figure: `${(100 * ratio).toFixed(0)} %`,
      goal: `≥ ${String(100 * ratioGoal)} %`,
      met: ratio >= ratioGoal,
    },
    {
      what: 'commands whose every value is encrypted again',
      figure: `${figure(openedPerSecond)}/s`,
      goal: '',
      met: null,
    },
    {
      what: 'CPU a command, decider and echo',
      figure: `${figure(cpu)} and ${figure(of(({ echo }) => echo.cpuMicros))} µs`,
      goal: '',
      met: null,
    },
    {
      what: 'of it an Ed25519 check',
      figure: `${figure(check.micros)} µs: ${((100 * check.micros) / cpu).toFixed(0)} %`,
      goal: '',
      met: null,
    },
    {
      what: 'of that on the lane’s thread',
      figure: `${figure(check.ownThreadMicros)} µs: ${((100 * check.ownThreadMicros) / check.micros).toFixed(0)} %`,
      goal: '',
      met: null,
    },
    {
      what: `p99 of a round trip at ${String(steadyPerSecond)}/s`,
      figure: `${of(({ platform }) => platform.p99Ms).toFixed(1)} ms`,
      goal: '',
      met: null,
    },
    { what: 'the echo’s', figure: `${of(({ echo }) => echo.p99Ms).toFixed(1)} ms`, goal: '', met: null },
    {
      what: 'more than the echo’s',
      figure: `${later.toFixed(1)} ms`,
      goal: `≤ ${String(latencyGoalMs)} ms`,
      met: later <= latencyGoalMs,
    },
  ];
}

function figure(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
