import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { parseAccountId } from '@ringfence/kernel/ids';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { eventsPerCall, writeHistory } from './history.js';
import { decided, drained, initiatePath, issueWideKey, residentMiB, ringsForEver } from './http/platform.js';

const short = 1_000;
const long = 1_000_000;
const ratioGoal = 1.5;
const callsMeasured = 300;
const settleMs = 3_000;
/** The most commands of a call: it is placed, it rings, and one report is repeated. */
const commandsOfCallMax = 3;
const catchUpMsMax = 600_000;

/**
 * One measurement. `decideUs`: of one command in the lane, without its commit; `answerMs`: of one call over HTTP,
 * nearly all of it the commit.
 */
type Reading = {
  readonly startMs: number;
  readonly decideUs: number;
  readonly answerMs: number;
  readonly memoryMiB: number;
};
type Prepared = { readonly events: number; readonly dataDir: string; readonly accountId: string };

/** Start-up, decision cost and memory with a short and a long history behind the same live state. */
export const historyBench: Bench = {
  name: 'history',
  title: `Start-up, decision and memory with ${figure(short)} and ${figure(long)} events of history`,
  run: async (progress) => {
    const histories = [await prepare(short), await prepare(long)] as const;
    progress(`histories written: ${histories.map(({ events }) => figure(events)).join(' and ')} events`);
    const readings: (readonly [Reading, Reading])[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const pair = [await measure(histories[0]), await measure(histories[1])] as const;
      readings.push(pair);
      progress(`round ${String(round)}: ${JSON.stringify(pair)}`);
    }
    for (const history of histories) await (await PlatformProcess.start({ dataDir: history.dataDir })).discard();
    const row = (
      what: string,
      pick: (reading: Reading) => number,
      unit: string,
      ratioMax: number | null = ratioGoal,
    ): BenchRow => {
      const ratio = median(readings.map(([few, many]) => pick(many) / pick(few)));
      const [few, many] = [
        median(readings.map(([one]) => pick(one))),
        median(readings.map(([, other]) => pick(other))),
      ];
      return {
        what,
        figure: `${few.toFixed(1)} and ${many.toFixed(1)} ${unit}: ${ratio.toFixed(2)} ×`,
        goal: ratioMax === null ? '' : `≤ ${String(ratioMax)} ×`,
        met: ratioMax === null ? null : ratio <= ratioMax,
      };
    };
    return {
      rows: [
        row('start until ready', ({ startMs }) => startMs, 'ms'),
        row('a decision, mean of one call after another', ({ decideUs }) => decideUs, 'µs'),
        row('the answer to such a call, median', ({ answerMs }) => answerMs, 'ms', null),
        row('memory of the platform', ({ memoryMiB }) => memoryMiB, 'MiB'),
      ],
      details: { events: histories.map(({ events }) => events), readings },
    };
  },
};

/**
 * Prepares a platform with that much history; it is stopped after its projections have caught up and its snapshots are
 * written.
 */
async function prepare(events: number): Promise<Prepared> {
  const fresh = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' } });
  const { dataDir } = fresh;
  const accountId = parseAccountId(fresh.keys.accountId);
  if (accountId === undefined) throw new Error(`no demo account: ${fresh.keys.accountId}`);
  await fresh.stop();
  const head = await writeHistory(dataDir, accountId, Math.ceil(events / eventsPerCall));
  const caughtUp = await PlatformProcess.start({ dataDir, env: { RINGFENCE_LOG_LEVEL: 'warn' } });
  const { key } = await issueWideKey(caughtUp);
  await place(caughtUp, key);
  await drained(caughtUp, catchUpMsMax);
  await caughtUp.stop();
  return { events: head, dataDir, accountId };
}

async function measure({ dataDir }: Prepared): Promise<Reading> {
  const platform = await PlatformProcess.start({ dataDir, env: { RINGFENCE_LOG_LEVEL: 'warn' } });
  try {
    const { key } = await issueWideKey(platform);
    // The first call loads the account's state.
    await place(platform, key);
    const before = await decidedAtRest(platform);
    const tookMs: number[] = [];
    for (let call = 0; call < callsMeasured; call += 1) tookMs.push(await place(platform, key));
    await pause(settleMs);
    const after = await decided(platform);
    // Not only the calls: the reports of their worker were decided as well.
    const commands = after.commands - before.commands;
    if (commands < callsMeasured || commands > commandsOfCallMax * callsMeasured)
      throw new Error(`${String(commands)} commands were decided for ${String(callsMeasured)} calls`);
    const decideUs = ((after.seconds - before.seconds) * 1e6) / commands;
    const memoryMiB = await residentMiB(platform.pid);
    return { startMs: platform.readyAfterMs, decideUs, answerMs: median(tookMs), memoryMiB };
  } finally {
    await platform.stop();
  }
}

/** Waits for the decisions of the start itself: calls without a worker, and what has become due. */
async function decidedAtRest(platform: PlatformProcess): ReturnType<typeof decided> {
  for (let before = await decided(platform); ;) {
    await pause(settleMs);
    const now = await decided(platform);
    if (now.commands === before.commands) return now;
    before = now;
  }
}

/** @returns the time until the answer, in milliseconds */
async function place(platform: PlatformProcess, key: string): Promise<number> {
  const began = performance.now();
  const { status, json } = await platform.ask(key, 'POST', initiatePath, ringsForEver);
  if (status !== 202) throw new Error(`a call was not accepted: ${String(status)} ${JSON.stringify(json)}`);
  return performance.now() - began;
}

function figure(count: number): string {
  return count.toLocaleString('en-US');
}
