import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { mainBeside } from './beside.js';
import { type BaselineMode, startBaseline } from './http/baseline-process.js';
import { load, type LoadResult } from './http/load.js';
import { cpuSeconds, drained, initiatePath, issueWideKey, postmasterPid, ringsForEver } from './http/platform.js';
import { checkUsage, onlyAccepted } from './http/usage-check.js';

const connections = 64;
const warmSeconds = 3;
const seconds = 10;

/** `cpuMicros`: of the server and its database, per accepted request. */
type Measured = LoadResult & { readonly cpuMicros: number };
type PlatformRound = Measured & { readonly drainMs: number };
type Round = {
  readonly platform: PlatformRound;
  /** undefined: no other checkout is named. */
  readonly beside: PlatformRound | undefined;
  readonly constant: Measured;
  readonly transaction: Measured;
  readonly unordered: Measured;
};

/**
 * Acceptance of calls over HTTP with all roles on, compared with the same route with nothing behind it, with one
 * transaction per request behind it, and with the server of another checkout.
 */
export const acceptanceBench: Bench = {
  name: 'acceptance',
  title:
    'Acceptance of ring-for-ever calls over HTTP, 64 connections, durable commits, load and server on the same cores',
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const constant = await baseline('constant');
      const transaction = await baseline('transaction');
      const unordered = await baseline('unordered');
      const beside = mainBeside === undefined ? undefined : await platformRound(mainBeside);
      const platform = await platformRound(undefined);
      const found = { constant, transaction, unordered, beside, platform };
      measured.push(found);
      progress(`round ${String(round)}: ${Object.entries(found).map(text).join(', ')}`);
    }
    return { rows: rowsOf(measured), details: measured };
  },
};

async function baseline(mode: BaselineMode): Promise<Measured> {
  const server = await startBaseline(mode);
  try {
    const target = { url: `${server.url}${initiatePath}`, key: server.key, body: ringsForEver, connections };
    await load({ ...target, seconds: warmSeconds });
    const pids = mode === 'constant' ? [server.pid] : [server.pid, await postmasterPid(server)];
    return await withCpu(pids, async () => onlyAccepted(await load({ ...target, seconds }), mode));
  } finally {
    await server.stop();
  }
}

async function platformRound(main: string | undefined): Promise<PlatformRound> {
  const env = { RINGFENCE_LOG_LEVEL: 'warn' };
  const platform = await PlatformProcess.start({ env, ...(main === undefined ? {} : { main }) });
  try {
    const { key, keyId } = await issueWideKey(platform);
    const target = { url: `${platform.url}${initiatePath}`, key, body: ringsForEver, connections };
    const warm = onlyAccepted(await load({ ...target, seconds: warmSeconds }), 'warm-up');
    const pids = [platform.pid, await postmasterPid(platform)];
    const result = await withCpu(pids, async () => onlyAccepted(await load({ ...target, seconds }), 'platform'));
    const drainMs = await drained(platform, 20 * seconds * 1_000);
    await checkUsage(platform, keyId, [warm, result], 2 * connections);
    return { ...result, drainMs };
  } finally {
    await platform.discard();
  }
}

async function withCpu(pids: readonly number[], run: () => Promise<LoadResult>): Promise<Measured> {
  const before = await cpuSeconds(pids);
  const result = await run();
  const requests = result.statuses['202'] ?? 0;
  return { ...result, cpuMicros: (1e6 * ((await cpuSeconds(pids)) - before)) / requests };
}

function rowsOf(measured: readonly Round[]): readonly BenchRow[] {
  const of = (pick: (round: Round) => number) => median(measured.map(pick));
  const plain = (what: string, figure: string): BenchRow => ({ what, figure, goal: '', met: null });
  const figures = (what: string, pick: (round: Round) => Measured): readonly BenchRow[] => [
    plain(what, `${of((round) => pick(round).perSecond).toFixed(0)}/s`),
    plain(`${what}: CPU each, database included`, `${of((round) => pick(round).cpuMicros).toFixed(0)} µs`),
  ];
  const toConstant = of((round) => round.platform.perSecond / round.constant.perSecond);
  const toTransaction = of((round) => round.platform.perSecond / round.transaction.perSecond);
  const toUnordered = of((round) => round.platform.perSecond / round.unordered.perSecond);
  const p99 = of((round) => round.platform.p99Ms);
  const drainMs = of((round) => round.platform.drainMs);
  return [
    ...figures('calls accepted', ({ platform }) => platform),
    ...figures('constant route', ({ constant }) => constant),
    ...figures('a transaction a request', ({ transaction }) => transaction),
    ...figures('a transaction a request, without the log’s order', ({ unordered }) => unordered),
    {
      what: 'of the constant route',
      figure: `${(100 * toConstant).toFixed(0)} %`,
      goal: '≥ 35 %',
      met: toConstant >= 0.35,
    },
    {
      what: 'of a transaction a request',
      figure: `${toTransaction.toFixed(2)} ×`,
      goal: '≥ 1.5 ×',
      met: toTransaction >= 1.5,
    },
    plain('of a transaction a request without order', `${toUnordered.toFixed(2)} ×`),
    { what: 'p99', figure: `${String(p99)} ms`, goal: '< 50 ms', met: p99 < 50 },
    {
      what: 'projections drained after',
      figure: `${(drainMs / 1_000).toFixed(1)} s`,
      goal: `< ${String(2 * seconds)} s`,
      met: drainMs < 2 * seconds * 1_000,
    },
    ...besideRows(measured),
  ];
}

function besideRows(measured: readonly Round[]): readonly BenchRow[] {
  const pairs = measured.flatMap(({ platform, beside }) => (beside === undefined ? [] : [{ platform, beside }]));
  if (pairs.length === 0) return [];
  const of = (pick: (result: PlatformRound) => number) => median(pairs.map(({ beside }) => pick(beside)));
  const ratio = (pick: (result: PlatformRound) => number) =>
    `${median(pairs.map(({ platform, beside }) => pick(platform) / pick(beside))).toFixed(2)} × of the build beside`;
  const row = (what: string, unit: string, pick: (result: PlatformRound) => number): BenchRow => ({
    what: `${what} (the build beside)`,
    figure: `${of(pick).toFixed(0)}${unit}: ${ratio(pick)}`,
    goal: '',
    met: null,
  });
  return [
    row('calls accepted', '/s', ({ perSecond }) => perSecond),
    row('CPU each', ' µs', ({ cpuMicros }) => cpuMicros),
    row('p99', ' ms', ({ p99Ms }) => p99Ms),
  ];
}

function text([what, result]: readonly [string, Measured | undefined]): string {
  if (result === undefined) return `no ${what}`;
  const { perSecond, p99Ms, cpuMicros } = result;
  return `${what} ${perSecond.toFixed(0)}/s p99 ${String(p99Ms)} ms CPU ${cpuMicros.toFixed(0)} µs`;
}
