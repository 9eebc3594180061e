import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, median, percentile, rounds } from './bench.js';
import { allAccepted } from './http/all-accepted.js';
import type { LoadResult } from './http/load.js';
import { openLoopLoad } from './http/open-loop-load.js';
import { callTo, cpuSeconds, drained, initiatePath, issueWideKey, lagSeconds, postmasterPid } from './http/platform.js';

const perSecond = 300;
const warmSeconds = 3;
const seconds = 60;
const connections = 64;
const sampleEveryMs = 250;
/** A call that is answered after one second and hung up after two of talk: placed, ringing, answered, completed. */
const wholeLife = callTo('+15005552002');

type Round = { readonly result: LoadResult; readonly lagSeconds: number; readonly cpuMsPerCall: number };

/** Calls with their whole life at a fixed rate: latency is counted from the moment when each was due. */
export const openLoopBench: Bench = {
  name: 'open-loop',
  title: `${String(perSecond)} whole-life calls a second for ${String(seconds)} s, open loop`,
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const found = await oneRound();
      measured.push(found);
      progress(
        `round ${String(round)}: p99 ${String(found.result.p99Ms)} ms, lag ${found.lagSeconds.toFixed(2)} s, ${found.cpuMsPerCall.toFixed(2)} ms CPU a call`,
      );
    }
    const p99 = median(measured.map(({ result }) => result.p99Ms));
    const lag = median(measured.map(({ lagSeconds }) => lagSeconds));
    const cpu = median(measured.map(({ cpuMsPerCall }) => cpuMsPerCall));
    return {
      rows: [
        { what: 'p99', figure: `${String(p99)} ms`, goal: '< 50 ms', met: p99 < 50 },
        {
          what: 'projection lag (worst of 99 % of samples)',
          figure: `${lag.toFixed(2)} s`,
          goal: '< 1 s',
          met: lag < 1,
        },
        { what: 'CPU a call, platform and database', figure: `${cpu.toFixed(2)} ms`, goal: '', met: null },
      ],
      details: measured,
    };
  },
};

async function oneRound(): Promise<Round> {
  const platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' } });
  try {
    const { key } = await issueWideKey(platform);
    const pids = [platform.pid, await postmasterPid(platform)];
    const target = { url: `${platform.url}${initiatePath}`, key, body: wholeLife, connections, perSecond };
    await openLoopLoad({ ...target, seconds: warmSeconds });
    const lags: number[] = [];
    const before = await cpuSeconds(pids);
    const sampling = setInterval(() => {
      void lagSeconds(platform).then((seconds) => lags.push(seconds));
    }, sampleEveryMs);
    const result = await openLoopLoad({ ...target, seconds });
    clearInterval(sampling);
    await drained(platform, 10_000);
    const calls = perSecond * seconds;
    allAccepted('the round', result, calls);
    return {
      result,
      lagSeconds: percentile(lags, 99),
      cpuMsPerCall: (1_000 * ((await cpuSeconds(pids)) - before)) / calls,
    };
  } finally {
    await platform.discard();
  }
}
