import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { callTo, cpuSeconds, drained, initiatePath, postmasterPid, residentMiB } from './http/platform.js';
import { moveColdEvents, seedAccounts } from './seeded-accounts.js';

const counts = [10, 1_000, 100_000] as const;
/** Accounts that call while the others exist: their states, keys and values stay in memory. */
const activeAccounts = 1_000;
const flatGoal = 1.1;
const ratioGoal = 1.3;
const perSecond = 250;
/** Long enough for two calls of each of 1,000 accounts. */
const warmSeconds = 8;
const measuredSeconds = 20;
const connections = 32;
/** Time after a start in which it still compiles. */
const settleMs = 10_000;
const catchUpMsMax = 600_000;
/** A call that fails at once: as many end as begin, so that accounts stay small. */
const call = callTo('+15005550002');

/** Settings under which nothing is moved into segments: a move of opening events is no part of a call. */
const env = { RINGFENCE_LOG_LEVEL: 'warn', RINGFENCE_LOG_HOT_EVENTS: '999999999' };

type Prepared = { readonly accounts: number; readonly dataDir: string; readonly secrets: readonly string[] };
/** CPU of a call, platform and database: while each account calls in its turn, and while `activeAccounts` call. */
type Reading = {
  readonly startMs: number;
  readonly memoryMiB: number;
  readonly cpuMs: number;
  readonly activeCpuMs: number;
};

/** Start, memory and acceptance with few and with many accounts, each of which has a key and places calls. */
export const accountsBench: Bench = {
  name: 'accounts',
  title: `Start, memory and acceptance with ${counts.map(figure).join(', ')} accounts, ${String(perSecond)} calls a second`,
  run: async (progress) => {
    const prepared: Prepared[] = [];
    for (const accounts of counts) prepared.push(await prepare(accounts));
    progress('accounts seeded');
    const readings = new Map<number, Reading[]>();
    for (let round = 1; round <= rounds; round += 1) {
      for (const each of prepared) {
        const reading = await measure(each);
        readings.set(each.accounts, [...(readings.get(each.accounts) ?? []), reading]);
        progress(`round ${String(round)}: ${figure(each.accounts)} accounts: ${JSON.stringify(reading)}`);
      }
    }
    for (const { dataDir } of prepared) await (await PlatformProcess.start({ dataDir })).discard();
    return { rows: rowsOf(readings), details: Object.fromEntries(readings) };
  },
};

/**
 * Prepares a platform with so many accounts; it is stopped after its projections have caught up, and what is cold of
 * its log is in segments.
 */
async function prepare(accounts: number): Promise<Prepared> {
  const fresh = await PlatformProcess.start({ env });
  const { dataDir } = fresh;
  await fresh.stop();
  const secrets = await seedAccounts(dataDir, accounts);
  const caughtUp = await PlatformProcess.start({ dataDir, env });
  await drained(caughtUp, catchUpMsMax);
  await caughtUp.stop();
  await moveColdEvents(dataDir);
  return { accounts, dataDir, secrets };
}

async function measure({ dataDir, secrets }: Prepared): Promise<Reading> {
  const platform = await PlatformProcess.start({ dataDir, env });
  try {
    await pause(settleMs);
    const cpuMs = await cpuOfCalls(platform, secrets);
    const memoryMiB = await residentMiB(platform.pid);
    const active = secrets.slice(0, activeAccounts);
    const activeCpuMs = active.length === secrets.length ? cpuMs : await cpuOfCalls(platform, active);
    return { startMs: platform.readyAfterMs, memoryMiB, cpuMs, activeCpuMs };
  } finally {
    await platform.stop();
  }
}

async function cpuOfCalls(platform: PlatformProcess, secrets: readonly string[]): Promise<number> {
  await placeCalls(platform, secrets, warmSeconds);
  await drained(platform, catchUpMsMax);
  const pids = [platform.pid, await postmasterPid(platform)];
  const before = await cpuSeconds(pids);
  const placed = await placeCalls(platform, secrets, measuredSeconds);
  await drained(platform, catchUpMsMax);
  return ((await cpuSeconds(pids)) - before) * (1_000 / placed);
}

/** Places calls at a fixed rate, each by the next of the accounts. @returns their number */
async function placeCalls(platform: PlatformProcess, secrets: readonly string[], seconds: number): Promise<number> {
  const calls = seconds * perSecond;
  const first = Math.floor(Math.random() * secrets.length);
  const beganMs = performance.now();
  let next = 0;
  const line = async () => {
    for (let at = next++; at < calls; at = next++) {
      await pause(Math.max(0, beganMs + (at * 1_000) / perSecond - performance.now()));
      const secret = secrets[(first + at) % secrets.length] ?? '';
      const { status, json } = await platform.ask(secret, 'POST', initiatePath, call);
      if (status !== 202) throw new Error(`a call was not accepted: ${String(status)} ${JSON.stringify(json)}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, line));
  return calls;
}

function rowsOf(readings: ReadonlyMap<number, readonly Reading[]>): readonly BenchRow[] {
  const [few, some, many] = counts;
  const row = (what: string, unit: string, digits: number, pick: (reading: Reading) => number): BenchRow[] => {
    const of = (accounts: number) => (readings.get(accounts) ?? []).map(pick);
    const ratio = (accounts: number) => median(of(accounts).map((value, at) => value / (of(few)[at] ?? Number.NaN)));
    const figures = counts.map((accounts) => median(of(accounts)).toFixed(digits)).join(', ');
    return [
      { what, figure: `${figures} ${unit}`, goal: '', met: null },
      { what: `${what}: ${figure(some)}`, ...judged(ratio(some), flatGoal) },
      { what: `${what}: ${figure(many)}`, ...judged(ratio(many), ratioGoal) },
    ];
  };
  return [
    ...row('start until ready', 'ms', 0, ({ startMs }) => startMs),
    ...row('memory of the platform', 'MiB', 0, ({ memoryMiB }) => memoryMiB),
    ...row(`CPU a call of ${figure(activeAccounts)} accounts`, 'ms', 2, ({ activeCpuMs }) => activeCpuMs),
    // With the most accounts, each call is the first of its account and of its numbers.
    ...row('CPU a call of every account in its turn', 'ms', 2, ({ cpuMs }) => cpuMs),
  ];
}

function judged(ratio: number, goal: number): Omit<BenchRow, 'what'> {
  return { figure: `${ratio.toFixed(2)} ×`, goal: `≤ ${String(goal)} ×`, met: ratio <= goal };
}

function figure(count: number): string {
  return count.toLocaleString('en-US');
}
