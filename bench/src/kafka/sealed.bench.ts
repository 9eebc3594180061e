import { setImmediate } from 'node:timers/promises';
import { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import { topicPrefixDefault, topicsOf } from '@ringfence/wire/topics';
import { type Bench, type BenchRow, median, rounds } from '../bench.js';
import { type Build, builds } from '../beside.js';
import { cpuSeconds } from '../http/platform.js';
import { Placing } from './placing.js';
import { type CommandRecord, Pump } from './pump.js';

const accounts = 64;
const window = 2_048;
const warmMs = 1_000;
const measuredMs = 2_500;
/** More commands per second than a decider decides. */
const perSecondMax = { cached: 8_000, fresh: 5_000 };
const signedAtOnce = 200;
const replyPartition = 7;
const factorGoal = 2.5;

const modes = ['cached', 'fresh'] as const;
type Mode = (typeof modes)[number];
/** `cpuMicros`: of the decider, per command. */
type Figures = { readonly perSecond: number; readonly cpuMicros: number };
type Round = Figures & { readonly build: Build['build']; readonly mode: Mode };
type Side = {
  readonly build: Build['build'];
  readonly placing: Placing;
  readonly pump: Pump;
  readonly deciderPid: number;
  readonly stop: () => Promise<void>;
};

/** Commands of which every value is encrypted again, and such whose values were seen before, by the same decider. */
export const sealedBench: Bench = {
  name: 'sealed',
  title: 'Commands through Kafka, each value encrypted once for many of them, and again for each of them',
  run: async (progress) => {
    const sides: Side[] = [];
    try {
      for (const each of builds) sides.push(await sideOf(each));
      for (const { placing, pump } of sides)
        await pump.saturate(await commandsOf(placing, 'cached'), window, warmMs, measuredMs);
      const measured: Round[] = [];
      for (let round = 1; round <= rounds; round += 1)
        for (const mode of modes)
          for (const side of sides) {
            const { build } = side;
            measured.push({ build, mode, ...(await measure(side, await commandsOf(side.placing, mode))) });
            progress(`round ${String(round)}: ${JSON.stringify(measured.at(-1))}`);
          }
      return { rows: modes.flatMap((mode) => rowsOf(mode, measured)), details: measured };
    } finally {
      for (const side of sides) await side.stop();
    }
  },
};

async function sideOf({ build, main }: Build): Promise<Side> {
  const cluster = await ClusterOfMembers.start(
    { 'decider-1': 'decider', 'projector-1': 'projector', 'gateway-1': 'gateway' },
    { RINGFENCE_LOG_LEVEL: 'warn' },
    undefined,
    main,
  );
  const bus = new KafkaMessageBus({ brokers: cluster.broker.brokers, clientId: 'bench' });
  const stop = async () => {
    await bus.close();
    await cluster.discard();
  };
  try {
    const placing = await Placing.openAccounts(cluster, bus, 'gateway-1', accounts);
    // They take no part in the measurement.
    await Promise.all(['gateway-1', 'projector-1'].map((name) => cluster.member(name).stop()));
    const pump = await Pump.start(bus, topicsOf(topicPrefixDefault), replyPartition);
    return { build, placing, pump, deciderPid: cluster.member('decider-1').pid, stop };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** Signs in pieces, so that the clients of both brokers are served meanwhile. */
async function commandsOf(placing: Placing, mode: Mode): Promise<readonly CommandRecord[]> {
  const count = (perSecondMax[mode] * (warmMs + measuredMs)) / 1_000;
  const commands: CommandRecord[] = [];
  while (commands.length < count) {
    const piece = Math.min(signedAtOnce, count - commands.length);
    if (mode === 'fresh') commands.push(...(await placing.commandsSealedAgain(piece, replyPartition)));
    else commands.push(...placing.commands(piece, replyPartition));
    await setImmediate();
  }
  return commands;
}

async function measure({ pump, deciderPid }: Side, commands: readonly CommandRecord[]): Promise<Figures> {
  const before = await cpuSeconds([deciderPid]);
  const { perSecond, replies } = await pump.saturate(commands, window, warmMs, measuredMs);
  return { perSecond, cpuMicros: (1_000_000 * ((await cpuSeconds([deciderPid])) - before)) / replies };
}

const wordsOf: Readonly<Record<Mode, string>> = {
  cached: 'commands whose values were seen before',
  fresh: 'commands whose every value is encrypted again',
};

function rowsOf(mode: Mode, measured: readonly Round[]): readonly BenchRow[] {
  const of = (build: Build['build'], figure: keyof Figures) =>
    median(measured.filter((each) => each.build === build && each.mode === mode).map((each) => each[figure]));
  const rows = builds.map(({ build }): BenchRow => {
    const figure = `${whole(of(build, 'perSecond'))}/s, ${whole(of(build, 'cpuMicros'))} µs of the decider’s CPU each`;
    return { what: build === 'this' ? wordsOf[mode] : 'the build beside', figure, goal: '', met: null };
  });
  if (builds.length === 1) return rows;
  const factor = of('this', 'perSecond') / of('beside', 'perSecond');
  const isGoal = mode === 'fresh';
  return [
    ...rows,
    {
      what: 'of the build beside',
      figure: `${factor.toFixed(2)} ×`,
      goal: isGoal ? `≥ ${String(factorGoal)} ×` : '',
      met: isGoal ? factor >= factorGoal : null,
    },
  ];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
