import { setTimeout as pause } from 'node:timers/promises';
import { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { type Customer, issueKey, openAccount } from '@ringfence/e2e/test-accounts';
import { openPool } from '@ringfence/sql-postgres/pool';
import { type Bench, type BenchRow, median, rounds } from '../bench.js';
import { builds } from '../beside.js';
import { type Probed, Probes, untilServed } from './recovery-probes.js';

const accounts = 12;
const quietMs = 8_000;
/** Time after which the cluster's own supervisor restarts a process. */
const restartAfterMs = 1_000;
const settings = { RINGFENCE_LOG_LEVEL: 'warn' };
const wide = { calls_per_second: 10_000, burst_calls: 10_000, lines_max: 100_000 };
const members = {
  'decider-1': 'decider',
  'decider-2': 'decider',
  'projector-1': 'projector',
  'carrier-1': 'carrier',
  'gateway-1': 'gateway',
  'gateway-2': 'gateway',
} as const;

type Fault = {
  readonly what: string;
  readonly goalMs: number;
  /**
   * Inflicts a fault on the cluster and repairs it.
   * @returns its own figure in milliseconds; undefined: the figure is the longest wait of a client
   */
  readonly inflict: (cluster: ClusterOfMembers, key: string) => Promise<number | undefined>;
};

const faults: readonly Fault[] = [
  {
    what: 'decider killed: the longest that a call waited',
    goalMs: 3_000,
    inflict: async (cluster) => {
      await cluster.member('decider-1').kill9();
      await pause(restartAfterMs);
      await cluster.again('decider-1');
      return undefined;
    },
  },
  {
    what: 'gateway killed: from its start until it serves again',
    goalMs: 3_000,
    inflict: async (cluster, key) => {
      const { url } = cluster.member('gateway-1');
      await cluster.member('gateway-1').kill9();
      const [servedMs] = await Promise.all([untilServed(url, key), cluster.again('gateway-1')]);
      return servedMs;
    },
  },
  {
    what: 'database connections cut: the longest that a call waited',
    goalMs: 2_000,
    inflict: async ({ database }) => {
      const pool = openPool(database.url, { connectionsMax: 1 });
      await pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      );
      await pool.end();
      return undefined;
    },
  },
  {
    what: 'decider stopped as planned: the longest that a call waited',
    goalMs: 1_000,
    inflict: async (cluster) => {
      await cluster.member('decider-2').terminate();
      await cluster.again('decider-2');
      return undefined;
    },
  },
  {
    what: 'gateway stopped as planned: the longest that a call waited',
    goalMs: 1_000,
    inflict: async (cluster) => {
      await cluster.member('gateway-2').terminate();
      await cluster.again('gateway-2');
      return undefined;
    },
  },
];

type Round = { readonly build: string; readonly what: string; readonly figureMs: number; readonly quietMs: number };

/**
 * Inflicts each fault separately, with quiet before and after it, under a steady load of calls of several accounts
 * through both gateways.
 */
export const recoveryBench: Bench = {
  name: 'recovery',
  title: `What a fault costs in the cluster's shape: ${String(accounts)} accounts, ten calls a second each`,
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1)
      for (const { build, main } of builds)
        for (const each of await measure(main)) {
          measured.push({ build, ...each });
          progress(
            `round ${String(round)}, ${build}: ${each.what}: ${seconds(each.figureMs)}, in quiet ${seconds(each.quietMs)}`,
          );
        }
    const rows = faults.flatMap(({ what, goalMs }) =>
      builds.map(({ build }): BenchRow => {
        const all = measured
          .filter((each) => each.build === build && each.what === what)
          .map(({ figureMs }) => figureMs);
        const worst = Math.max(...all);
        const isOurs = build === 'this';
        return {
          what: isOurs ? what : `${what} (the build beside)`,
          figure: `${seconds(median(all))}, worst ${seconds(worst)}`,
          goal: isOurs ? `< ${seconds(goalMs)}` : '',
          met: isOurs ? worst < goalMs : null,
        };
      }),
    );
    return { rows, details: measured };
  },
};

async function measure(main: string | undefined): Promise<readonly Omit<Round, 'build'>[]> {
  const cluster = await ClusterOfMembers.start(members, settings, undefined, main);
  try {
    const operator = cluster.member('gateway-1');
    const customers: Customer[] = [];
    for (let account = 0; account < accounts; account += 1)
      customers.push(await issueKey(operator, await openAccount(operator, `Bench ${String(account)}`), wide));
    const keys = customers.map(({ secret }) => secret);
    const accepted = customers.map(() => 0);
    const gateways = () => ['gateway-1', 'gateway-2'].map((name) => cluster.member(name).url);
    const measured: Omit<Round, 'build'>[] = [];
    for (const { what, inflict } of faults) {
      let own: number | undefined;
      let beganAtMs = 0;
      const probed = await new Probes(gateways, keys).run(async () => {
        await pause(quietMs);
        beganAtMs = performance.now();
        own = await inflict(cluster, keys[0] ?? '');
        await pause(quietMs);
      });
      for (const { account } of probed) accepted[account] = (accepted[account] ?? 0) + 1;
      // The requests until the gateway served again.
      if (own !== undefined) accepted[0] = (accepted[0] ?? 0) + 1;
      const longest = (of: readonly Probed[]) => Math.max(...of.map(({ tookMs }) => tookMs));
      // Requests that were in flight when the fault began are affected too.
      const hurt = probed.filter(({ sentAtMs, tookMs }) => sentAtMs + tookMs >= beganAtMs);
      const before = probed.filter(({ sentAtMs, tookMs }) => sentAtMs + tookMs < beganAtMs);
      measured.push({ what, figureMs: own ?? longest(hurt), quietMs: longest(before) });
    }
    await checkPlaced(cluster.database.url, customers, accepted);
    return measured;
  } finally {
    await cluster.discard();
  }
}

/** @throws Error unless the log has each accepted call exactly once, and no other */
async function checkPlaced(
  database: string,
  customers: readonly Customer[],
  accepted: readonly number[],
): Promise<void> {
  const pool = openPool(database, { connectionsMax: 1 });
  const { rows } = await pool.query<{ readonly stream: string; readonly placed: number }>(placedSql);
  await pool.end();
  const placed = new Map(rows.map((row) => [row.stream, row.placed]));
  for (const [account, { accountId }] of customers.entries())
    if (placed.get(accountId) !== accepted[account])
      throw new Error(
        `${accountId}: ${String(accepted[account])} calls were accepted, and the log holds ${String(placed.get(accountId))}`,
      );
}

const placedSql = `select stream, count(*)::integer as placed from log.event
  where type like 'ringfence.call.placed.%' group by stream`;

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
