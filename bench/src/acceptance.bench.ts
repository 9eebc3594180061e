import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { type BaselineMode, startBaseline } from './http/baseline-process.js';
import { load, type LoadResult } from './http/load.js';
import { drained, initiatePath, issueWideKey, ringsForEver } from './http/platform.js';

const connections = 64;
const warmSeconds = 3;
const seconds = 10;

type Round = {
  readonly platform: LoadResult;
  readonly constant: LoadResult;
  readonly transaction: LoadResult;
  readonly unordered: LoadResult;
  readonly drainMs: number;
};

/**
 * Acceptance of calls over HTTP with all roles on, compared with the same route with nothing behind it, and with one
 * transaction per request behind it.
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
      const { result, drainMs } = await platformRound();
      measured.push({ constant, transaction, unordered, platform: result, drainMs });
      progress(
        `round ${String(round)}: platform ${text(result)}, constant ${text(constant)}, transaction ${text(transaction)}, unordered ${text(unordered)}, drained ${String(Math.round(drainMs))} ms`,
      );
    }
    return { rows: rowsOf(measured), details: measured };
  },
};

async function baseline(mode: BaselineMode): Promise<LoadResult> {
  const server = await startBaseline(mode);
  try {
    const target = { url: `${server.url}${initiatePath}`, key: server.key, body: ringsForEver, connections };
    await load({ ...target, seconds: warmSeconds });
    return accepted(await load({ ...target, seconds }), mode);
  } finally {
    await server.stop();
  }
}

async function platformRound(): Promise<{ readonly result: LoadResult; readonly drainMs: number }> {
  const platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' } });
  try {
    const { key, keyId } = await issueWideKey(platform);
    const target = { url: `${platform.url}${initiatePath}`, key, body: ringsForEver, connections };
    const warm = accepted(await load({ ...target, seconds: warmSeconds }), 'warm-up');
    const result = accepted(await load({ ...target, seconds }), 'platform');
    const drainMs = await drained(platform, 20 * seconds * 1_000);
    await checkUsage(platform, keyId, (warm.statuses['202'] ?? 0) + (result.statuses['202'] ?? 0));
    return { result, drainMs };
  } finally {
    await platform.discard();
  }
}

/** Compares usage with the acknowledged calls; requests in flight when the load stopped may be counted as well. */
async function checkUsage(platform: PlatformProcess, keyId: string, acknowledged: number): Promise<void> {
  const path = `/api/v1/usage?account_id=${platform.keys.accountId}&by=key&group_by=day`;
  const { json } = await platform.ask(platform.keys.adminKey, 'GET', path);
  const calls = callsOf(json, keyId);
  if (calls < acknowledged || calls > acknowledged + 2 * connections) {
    throw new Error(
      `${String(acknowledged)} calls were acknowledged, usage has ${String(calls)}: ${JSON.stringify(json)}`,
    );
  }
}

function callsOf(json: unknown, keyId: string): number {
  const rows = (json as { readonly data?: readonly Readonly<Record<string, unknown>>[] }).data ?? [];
  return rows.filter((row) => Object.values(row).includes(keyId)).reduce((sum, row) => sum + Number(row['calls']), 0);
}

function accepted(result: LoadResult, what: string): LoadResult {
  const others = Object.keys(result.statuses).filter((status) => status !== '202');
  if (others.length > 0 || result.errors > 0) throw new Error(`${what}: ${JSON.stringify(result)}`);
  return result;
}

function rowsOf(measured: readonly Round[]): readonly BenchRow[] {
  const of = (pick: (round: Round) => number) => median(measured.map(pick));
  const platform = of((round) => round.platform.perSecond);
  const toConstant = of((round) => round.platform.perSecond / round.constant.perSecond);
  const toTransaction = of((round) => round.platform.perSecond / round.transaction.perSecond);
  const p99 = of((round) => round.platform.p99Ms);
  const drainMs = of((round) => round.drainMs);
  const perSecond = (value: number) => `${String(Math.round(value))}/s`;
  return [
    { what: 'calls accepted', figure: perSecond(platform), goal: '', met: null },
    { what: 'constant route', figure: perSecond(of((round) => round.constant.perSecond)), goal: '', met: null },
    {
      what: 'a transaction a request',
      figure: perSecond(of((round) => round.transaction.perSecond)),
      goal: '',
      met: null,
    },
    {
      what: 'a transaction a request, without the log’s order',
      figure: perSecond(of((round) => round.unordered.perSecond)),
      goal: '',
      met: null,
    },
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
    {
      what: 'of a transaction a request without order',
      figure: `${of((round) => round.platform.perSecond / round.unordered.perSecond).toFixed(2)} ×`,
      goal: '',
      met: null,
    },
    { what: 'p99', figure: `${String(p99)} ms`, goal: '< 50 ms', met: p99 < 50 },
    {
      what: 'projections drained after',
      figure: `${(drainMs / 1_000).toFixed(1)} s`,
      goal: `< ${String(2 * seconds)} s`,
      met: drainMs < 2 * seconds * 1_000,
    },
  ];
}

function text({ perSecond, p99Ms }: LoadResult): string {
  return `${String(Math.round(perSecond))}/s p99 ${String(p99Ms)} ms`;
}
