import { setTimeout as pause } from 'node:timers/promises';
import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { findEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { type Build, builds } from './beside.js';
import { allAccepted } from './http/all-accepted.js';
import { openLoopLoad } from './http/open-loop-load.js';
import { callTo, cpuSeconds, drained, initiatePath, issueWideKey, postmasterPid } from './http/platform.js';

/** Time after a start in which it still compiles; a session that rests may report its commits 10 s late. */
const settleMs = 12_000;
const idleMs = 20_000;
const perSecond = 10;
/** Longer than a call: from then on as many end as begin. */
const warmSeconds = 13;
const loadSeconds = 20;
/** A call with a whole life: answered after 1 s, ended after 10 more. */
const call = callTo('+15005550000');
const factorGoal = 0.25;

/** CPU time of the process and its database, and the database’s commits. */
type Cost = { readonly cpuMs: number; readonly commits: number };
type Round = { readonly build: Build['build']; readonly idle: Cost; readonly load: Cost };

/** Costs of a platform that has little to do: idle, and with a few calls a second, each through its whole life. */
export const lowLoadBench: Bench = {
  name: 'low-load',
  title: `One process, idle and at ${String(perSecond)} calls a second: CPU time with the database’s, and commits`,
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1)
      for (const build of builds) {
        measured.push(await oneRound(build));
        progress(`round ${String(round)}: ${JSON.stringify(measured.at(-1))}`);
      }
    const idle = { pick: (each: Round) => each.idle, per: idleMs / 1_000, of: 'an idle second' };
    const load = { pick: (each: Round) => each.load, per: perSecond * loadSeconds, of: 'a call' };
    return { rows: [idle, load].flatMap((each) => rowsOf(measured, each)), details: measured };
  },
};

async function oneRound({ build, main }: Build): Promise<Round> {
  const server = main === undefined ? {} : { main };
  const platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' }, ...server });
  try {
    const { key } = await issueWideKey(platform);
    const calls = (seconds: number) =>
      openLoopLoad({ url: `${platform.url}${initiatePath}`, key, body: call, connections: 4, seconds, perSecond });
    await pause(settleMs);
    const idle = await costOf(platform, () => pause(idleMs));
    await calls(warmSeconds);
    const load = await costOf(platform, async () => {
      allAccepted(`calls at ${String(perSecond)}/s`, await calls(loadSeconds), perSecond * loadSeconds);
    });
    await drained(platform, drainMsMax);
    return { build, idle, load };
  } finally {
    await platform.discard();
  }
}

const drainMsMax = 10_000;

async function costOf(platform: PlatformProcess, work: () => Promise<unknown>): Promise<Cost> {
  const url = await findEmbeddedPostgres(platform.dataDir);
  if (url === undefined) throw new Error('the platform has no embedded database');
  const pids = [platform.pid, await postmasterPid(platform)];
  const before = { cpu: await cpuSeconds(pids), commits: await commitsIn(url) };
  await work();
  const cpu = await cpuSeconds(pids);
  return { cpuMs: 1_000 * (cpu - before.cpu), commits: (await commitsIn(url)) - before.commits };
}

async function commitsIn(url: string): Promise<number> {
  const pool = openPool(url, { connectionsMax: 1 });
  const sql = 'select xact_commit::integer as commits from pg_stat_database where datname = current_database()';
  const { rows } = await pool.query<{ readonly commits: number }>(sql);
  await pool.end();
  const [row] = rows;
  if (row === undefined) throw new Error('the database counts no commits');
  return row.commits;
}

type Share = { readonly pick: (round: Round) => Cost; readonly per: number; readonly of: string };

function rowsOf(measured: readonly Round[], { pick, per, of }: Share): readonly BenchRow[] {
  return (['cpuMs', 'commits'] as const).flatMap((name): readonly BenchRow[] => {
    const figureOf = (build: Build['build']) =>
      median(measured.filter((each) => each.build === build).map((each) => pick(each)[name] / per));
    const what = name === 'cpuMs' ? `CPU time of ${of}` : `commits of ${of}`;
    const text = (value: number) => (name === 'cpuMs' ? `${value.toFixed(1)} ms` : value.toFixed(1));
    const rows = builds.map(({ build }): BenchRow => ({
      what: build === 'this' ? what : `${what} (the build beside)`,
      figure: text(figureOf(build)),
      goal: '',
      met: null,
    }));
    if (builds.length === 1) return rows;
    const factor = figureOf('this') / figureOf('beside');
    const goal = `≤ ${String(factorGoal)} ×`;
    return [
      ...rows,
      { what: 'of the build beside', figure: `${factor.toFixed(2)} ×`, goal, met: factor <= factorGoal },
    ];
  });
}
