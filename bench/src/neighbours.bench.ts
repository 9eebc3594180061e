import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, median, rounds } from './bench.js';
import { allAccepted } from './http/all-accepted.js';
import { load } from './http/load.js';
import { openLoopLoad } from './http/open-loop-load.js';
import { initiatePath, issueWideKey, ringsForEver } from './http/platform.js';

const capacitySeconds = 5;
const quietSeconds = 10;
const floodSeconds = 20;
const neighbourPerSecond = 50;

type Round = { readonly capacity: number; readonly quietP99Ms: number; readonly floodP99Ms: number };

/** One key floods at half the server's capacity; another account goes on calling at its own pace. */
export const neighboursBench: Bench = {
  name: 'neighbours',
  title: `A neighbour's p99 at ${String(neighbourPerSecond)} calls/s while another account's key floods for ${String(floodSeconds)} s at half the capacity`,
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const found = await oneRound();
      measured.push(found);
      progress(
        `round ${String(round)}: capacity ${String(Math.round(found.capacity))}/s, p99 quiet ${String(found.quietP99Ms)} ms, in the flood ${String(found.floodP99Ms)} ms`,
      );
    }
    const added = median(measured.map(({ quietP99Ms, floodP99Ms }) => floodP99Ms - quietP99Ms));
    return {
      rows: [
        {
          what: 'p99 quiet',
          figure: `${String(median(measured.map(({ quietP99Ms }) => quietP99Ms)))} ms`,
          goal: '',
          met: null,
        },
        {
          what: 'p99 in the flood',
          figure: `${String(median(measured.map(({ floodP99Ms }) => floodP99Ms)))} ms`,
          goal: '',
          met: null,
        },
        { what: 'added by the flood', figure: `${added.toFixed(1)} ms`, goal: '≤ 20 ms', met: added <= 20 },
      ],
      details: measured,
    };
  },
};

async function oneRound(): Promise<Round> {
  const platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' } });
  try {
    const url = `${platform.url}${initiatePath}`;
    const wide = await issueWideKey(platform);
    const { perSecond: capacity } = await load({
      url,
      key: wide.key,
      body: ringsForEver,
      connections: 64,
      seconds: capacitySeconds,
    });
    const flooding = await issueWideKey(platform, { calls_per_second: 10, burst_calls: 10 });
    const neighbour = await issueWideKey(platform, { account_id: await secondAccount(platform) });
    const calm = { url, key: neighbour.key, body: ringsForEver, connections: 8, perSecond: neighbourPerSecond };
    const quiet = await openLoopLoad({ ...calm, seconds: quietSeconds });
    const [flooded] = await Promise.all([
      openLoopLoad({ ...calm, seconds: floodSeconds }),
      openLoopLoad({
        url,
        key: flooding.key,
        body: ringsForEver,
        connections: 64,
        seconds: floodSeconds,
        perSecond: Math.round(capacity / 2),
      }),
    ]);
    allAccepted('the neighbour, quiet', quiet, neighbourPerSecond * quietSeconds);
    allAccepted('the neighbour, in the flood', flooded, neighbourPerSecond * floodSeconds);
    return { capacity, quietP99Ms: quiet.p99Ms, floodP99Ms: flooded.p99Ms };
  } finally {
    await platform.discard();
  }
}

async function secondAccount(platform: PlatformProcess): Promise<string> {
  const { adminKey } = platform.keys;
  const opened = await platform.ask(adminKey, 'POST', '/api/v1/accounts', {
    name: 'Neighbour',
    currency: 'USD',
    region: 'eu',
    time_zone: 'Europe/Berlin',
  });
  const { id } = opened.json as { readonly id?: string };
  if (id === undefined) throw new Error(`no account: ${JSON.stringify(opened.json)}`);
  await platform.ask(adminKey, 'POST', `/api/v1/accounts/${id}/verify`, {});
  const credit = { mode: 'test', amount_micros: '1000000000000' };
  const credited = await platform.ask(adminKey, 'POST', `/api/v1/accounts/${id}/credit`, credit);
  if (credited.status >= 300) throw new Error(`no credit: ${JSON.stringify(credited.json)}`);
  return id;
}
