import { setTimeout as pause } from 'node:timers/promises';
import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, median, percentile, rounds } from './bench.js';
import { callTo, initiatePath, issueWideKey } from './http/platform.js';

const warmWrites = 20;
const writes = 200;
/** Pause between two writes, so that the log is idle at each of them. */
const quietMs = 50;
/** A call that keeps ringing, so that nothing else happens to it. */
const call = callTo('+15005550006');

type Lag = { readonly p50Ms: number; readonly p99Ms: number };
type Round = { readonly list: Lag; readonly usage: Lag };
const views = ['list', 'usage'] as const;

/** Places a call on an idle platform, and reads a view right after its answer: the view must have it. */
export const ownWritesBench: Bench = {
  name: 'own-writes',
  title: `A view that is asked for right after a write, ${String(writes)} writes on an idle platform`,
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const found = await oneRound();
      measured.push(found);
      progress(`round ${String(round)}: list ${lagText(found.list)}, usage ${lagText(found.usage)}`);
    }
    return { rows: views.flatMap((view) => rowsOf(view, measured)), details: measured };
  },
};

function rowsOf(view: (typeof views)[number], measured: readonly Round[]) {
  const p50 = median(measured.map((round) => round[view].p50Ms));
  const p99 = median(measured.map((round) => round[view].p99Ms));
  const what = `${view}: from the write’s answer to the view that holds it`;
  return [
    { what: `${what}, p50`, figure: `${p50.toFixed(1)} ms`, goal: '≤ 20 ms', met: p50 <= 20 },
    { what: `${what}, p99`, figure: `${p99.toFixed(1)} ms`, goal: '', met: null },
  ];
}

const lagText = ({ p50Ms, p99Ms }: Lag) => `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;

async function oneRound(): Promise<Round> {
  const platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' } });
  try {
    const { key } = await issueWideKey(platform);
    const found = { list: [] as number[], usage: [] as number[] };
    for (let write = 1; write <= warmWrites + writes; write += 1) {
      await pause(quietMs);
      const { status, json } = await platform.ask(key, 'POST', initiatePath, call);
      if (status !== 202) throw new Error(`not placed: ${String(status)} ${JSON.stringify(json)}`);
      const began = performance.now();
      const view = write % 2 === 0 ? 'list' : 'usage';
      if (view === 'list') await holds(platform, key, '/api/v1/voice/calls?limit=1', (json as { id: string }).id);
      else await holds(platform, key, '/api/v1/usage?by=none', `"calls":${String(write)},`);
      if (write > warmWrites) found[view].push(performance.now() - began);
    }
    return { list: lagOf(found.list), usage: lagOf(found.usage) };
  } finally {
    await platform.discard();
  }
}

/** @throws Error if the answer does not contain what was written */
async function holds(platform: PlatformProcess, key: string, path: string, what: string): Promise<void> {
  const text = JSON.stringify((await platform.ask(key, 'GET', path)).json);
  if (!text.includes(what)) throw new Error(`${path} misses ${what}: ${text}`);
}

const lagOf = (lags: readonly number[]): Lag => ({ p50Ms: percentile(lags, 50), p99Ms: percentile(lags, 99) });
